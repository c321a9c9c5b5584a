"""What is asked of Cboe for a night: closes of the indices as a check, and bars where Yahoo has left a gap.

Both files hold the whole series, there is no range to ask for. `closes` are two requests a night; they are also the
fallback for `^RUT`, whose bars Cboe does not list. `bars` wait until Yahoo is done and ask for nothing where it left
no gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.cboe.models import BARS, CLOSES
from ingestion.sources.cboe.parse import parse_bars, parse_closes
from ingestion.sources.sessions import missing_sessions

_FIRST_PAUSE_SECONDS = 30


@dataclass(frozen=True)
class BarsQuery:
    """All daily bars of one symbol."""

    symbol: str

    def request(self) -> Request:
        return Request(self.symbol, f"/delayed_quotes/charts/historical/{self.symbol}.json")


@dataclass(frozen=True)
class ClosesQuery:
    """All closes of one index."""

    symbol: str

    def request(self) -> Request:
        return Request(self.symbol, f"/us_indices/daily_prices/{self.symbol}_History.csv")


def bars(entry: Entry) -> Dataset:
    """Daily bars of what another provider left out."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(BARS, _bar_rows),),
        partial(_plan_bars, entry),
        limits=_limits(entry),
        workers=entry.workers,
        after=entry.after,
    )


def closes(entry: Entry) -> Dataset:
    """Closes of the two indices."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(CLOSES, _close_rows),),
        partial(_plan_closes, entry),
        limits=_limits(entry),
        workers=entry.workers,
    )


def _limits(entry: Entry) -> Limits:
    return Limits(per_second=entry.per_second, first_pause_seconds=_FIRST_PAUSE_SECONDS)


def _plan_bars(entry: Entry, _night: Night, known: Known) -> list[Request]:
    holders = (*entry.after, (entry.provider, entry.dataset))
    symbols = reference.equity_symbols(entry.provider, entry.dataset)
    return [
        BarsQuery(theirs).request()
        for ours, theirs in symbols.items()
        if missing_sessions(known, ours, entry.trailing_days, holders)
    ]


def _plan_closes(entry: Entry, _night: Night, _known: Known) -> list[Request]:
    return [
        ClosesQuery(theirs).request() for theirs in reference.equity_symbols(entry.provider, entry.dataset).values()
    ]


def _bar_rows(exchange: Exchange) -> pa.Table:
    rows = parse_bars(exchange.body, exchange.request.unit, exchange.fetched_at)
    return BARS.rows(row.model_dump() for row in rows)


def _close_rows(exchange: Exchange) -> pa.Table:
    rows = parse_closes(exchange.body, exchange.request.unit, exchange.fetched_at)
    return CLOSES.rows(row.model_dump() for row in rows)
