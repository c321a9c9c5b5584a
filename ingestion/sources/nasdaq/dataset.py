"""What is asked of Nasdaq for a night: bars of the funds, where neither Yahoo nor Cboe has them.

One request a fund, up to ten years in it: a fund without any history is asked whole, another one from its gap on.
"""

from __future__ import annotations

from collections.abc import Iterator
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
from ingestion.sources.nasdaq.models import BARS
from ingestion.sources.nasdaq.parse import judge, parse_bars
from ingestion.sources.sessions import has_history, missing_sessions

_MOST_ROWS = 9999
_FIRST_PAUSE_SECONDS = 30


@dataclass(frozen=True)
class BarsQuery:
    """The daily bars of one fund, both days included."""

    symbol: str
    first_day: date
    last_day: date

    def request(self) -> Request:
        params = {
            "assetclass": "etf",
            "fromdate": str(self.first_day),
            "todate": str(self.last_day),
            "limit": str(_MOST_ROWS),
        }
        return Request(self.symbol, f"/quote/{self.symbol}/historical", params)


def bars(entry: Entry) -> Dataset:
    """Daily bars of what the providers before left out."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(BARS, _rows),),
        partial(_plan, entry),
        judge=judge,
        limits=Limits(per_second=entry.per_second, first_pause_seconds=_FIRST_PAUSE_SECONDS),
        workers=entry.workers,
        after=entry.after,
    )


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    return [query.request() for query in _queries(entry, night, known)]


def _queries(entry: Entry, night: Night, known: Known) -> Iterator[BarsQuery]:
    holders = (*entry.after, (entry.provider, entry.dataset))
    for ours, theirs in reference.equity_symbols(entry.provider, entry.dataset).items():
        missing = missing_sessions(known, ours, entry.trailing_days, holders)
        if missing:
            whole = not has_history(known, ours, missing[0], holders)
            first = night.day - timedelta(days=entry.history_days - 1) if whole else missing[0]
            yield BarsQuery(theirs, first, night.day)


def _rows(exchange: Exchange) -> pa.Table:
    rows = parse_bars(exchange.body, exchange.request.unit, exchange.fetched_at)
    return BARS.rows(row.model_dump() for row in rows)
