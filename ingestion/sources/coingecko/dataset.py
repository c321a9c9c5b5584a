"""What is asked of CoinGecko for a night: the largest coins, page by page, and the total.

The provider gives the present only. So a snapshot belongs to the newest night, and a night made up for later asks
nothing: what was not landed then is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.coingecko.models import GLOBAL, MARKETS
from ingestion.sources.coingecko.parse import judge, parse_global, parse_markets

PAGE_SIZE = 250
# The keyless limit is shared by an address and answers 429 for a minute.
_FIRST_PAUSE_SECONDS = 60


@dataclass(frozen=True)
class MarketsQuery:
    """One page of the coins by falling cap."""

    night: date
    page: int

    def request(self) -> Request:
        params = {
            "vs_currency": "usd",
            "order": "market_cap_desc",
            "per_page": str(PAGE_SIZE),
            "page": str(self.page),
        }
        return Request(f"{self.night}/{self.page}", "/coins/markets", params)


def markets(entry: Entry) -> Dataset:
    """Price, cap, rank and supply of the largest coins."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(MARKETS, _market_rows),),
        partial(_plan_markets, entry),
        judge=judge,
        limits=_limits(entry),
        workers=entry.workers,
    )


def total(entry: Entry) -> Dataset:
    """The total cap and the share of bitcoin in it."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(GLOBAL, _global_rows),),
        _plan_total,
        judge=judge,
        limits=_limits(entry),
        workers=entry.workers,
    )


def _limits(entry: Entry) -> Limits:
    return Limits(per_second=entry.per_second, first_pause_seconds=_FIRST_PAUSE_SECONDS)


def _plan_markets(entry: Entry, night: Night, known: Known) -> list[Request]:
    if not _is_newest(night, known):
        return []
    return [MarketsQuery(night.day, page).request() for page in range(1, entry.pages + 1)]


def _plan_total(night: Night, known: Known) -> list[Request]:
    return [Request(str(night.day), "/global")] if _is_newest(night, known) else []


def _is_newest(night: Night, known: Known) -> bool:
    return night == Night.latest(known.now)


def _market_rows(exchange: Exchange) -> pa.Table:
    night, _ = exchange.request.unit.split("/")
    return MARKETS.rows(row.model_dump() for row in parse_markets(exchange.body, date.fromisoformat(night)))


def _global_rows(exchange: Exchange) -> pa.Table:
    night = date.fromisoformat(exchange.request.unit)
    return GLOBAL.rows([parse_global(exchange.body, night, exchange.fetched_at).model_dump()])
