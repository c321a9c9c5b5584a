"""What is asked of Yahoo for a night: the whole daily history of each symbol up to that night's day.

One request a symbol, at least a second apart; the whole window comes in one answer, and restated bars become versions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from urllib.parse import quote

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.yahoo.models import CHART
from ingestion.sources.yahoo.parse import parse_chart
from ingestion.warehouse.coverage import DailyRows


@dataclass(frozen=True)
class ChartQuery:
    """The daily bars of one symbol up to a day, from the first there is."""

    symbol: str
    last_day: date

    def request(self) -> Request:
        """`period2` is exclusive, so it is the start of the day after the last."""
        end = datetime.combine(self.last_day + timedelta(days=1), time(0), tzinfo=UTC)
        params = {
            "period1": "0",
            "period2": str(int(end.timestamp())),
            "interval": "1d",
            "includePrePost": "false",
            "events": "div,splits,capitalGains",
        }
        return Request(self.symbol, f"/v8/finance/chart/{quote(self.symbol, safe='')}", params)


def chart(entry: Entry) -> Dataset:
    """Daily bars of the indices and their funds."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(CHART, _rows),),
        partial(_plan, entry),
        # Forty requests in forty minutes have led to a block, so the pauses after a refusal are long.
        limits=Limits(per_second=entry.per_second, first_pause_seconds=60),
        workers=entry.workers,
        daily=(DailyRows(CHART, "symbol", "session_date", calendar="XNYS"),),
    )


def _plan(entry: Entry, night: Night, _known: Known) -> list[Request]:
    symbols = reference.equity_symbols(entry.provider, entry.dataset).values()
    return [ChartQuery(symbol, night.day).request() for symbol in symbols]


def _rows(exchange: Exchange) -> pa.Table:
    rows = parse_chart(exchange.body, exchange.request.unit, exchange.fetched_at)
    return CHART.rows(row.model_dump() for row in rows)
