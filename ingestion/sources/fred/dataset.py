"""What is asked of FRED for a night: the S&P 500's closes, ten years the first time, the last weeks later on.

A check and never a source of bars: nothing depends on an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.fred.models import CLOSES
from ingestion.sources.fred.parse import parse_closes


@dataclass(frozen=True)
class SeriesQuery:
    """The daily values of one series, both days included."""

    series: str
    first_day: date
    last_day: date

    def request(self) -> Request:
        params = {"id": self.series, "cosd": str(self.first_day), "coed": str(self.last_day)}
        return Request(self.series, "/graph/fredgraph.csv", params)


def closes(entry: Entry) -> Dataset:
    """Closes of the S&P 500."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(CLOSES, _rows),),
        partial(_plan, entry),
        # The CDN resets connections of data centres; a check is not worth waiting for.
        limits=Limits(per_second=entry.per_second, attempts=2),
        workers=entry.workers,
    )


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    requests = []
    for series in reference.equity_symbols(entry.provider, entry.dataset).values():
        before = known.completed_before(series)
        back = timedelta(days=entry.trailing_days if before else entry.history_days)
        requests.append(SeriesQuery(series, (before or night.day) - back + timedelta(days=1), night.day).request())
    return requests


def _rows(exchange: Exchange) -> pa.Table:
    rows = parse_closes(exchange.body, exchange.request.unit, exchange.fetched_at)
    return CLOSES.rows(row.model_dump() for row in rows)
