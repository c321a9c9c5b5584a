"""What is asked of Bybit for a night: the hours of days that neither Binance's archive nor its REST API completed, and
the funding of months likewise. On an ordinary night that is nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.asking import ask_pages
from ingestion.sources.bybit.models import ACCOUNT_RATIO, FUNDING, OPEN_INTEREST
from ingestion.sources.bybit.parse import (
    judge,
    next_cursor,
    parse_account_ratio,
    parse_funding,
    parse_open_interest,
)
from ingestion.sources.reading import Window, ms_of
from ingestion.sources.venues import funding_months, hourly_days

PERIOD = "1h"
ACCOUNT_RATIO_PATH = "/v5/market/account-ratio"
OPEN_INTEREST_PATH = "/v5/market/open-interest"
FUNDING_PATH = "/v5/market/funding/history"
_LARGEST_PAGE = {ACCOUNT_RATIO_PATH: 500, OPEN_INTEREST_PATH: 200, FUNDING_PATH: 200}
# Each endpoint has a name of its own for the period; funding has none.
_PERIOD_PARAM = {ACCOUNT_RATIO_PATH: "period", OPEN_INTEREST_PATH: "intervalTime"}
# After "access too frequent" the address must be left alone for ten minutes: three pauses that double make seven.
_FIRST_PAUSE_SECONDS = 60


@dataclass(frozen=True)
class MarketQuery:
    """Rows of one linear contract from a moment up to another (excluded)."""

    unit: str
    path: str
    contract: str
    first: datetime
    end: datetime

    def request(self) -> Request:
        params = {
            "category": "linear",
            "symbol": self.contract,
            "startTime": str(ms_of(self.first)),
            "endTime": str(ms_of(self.end) - 1),
            "limit": str(_LARGEST_PAGE[self.path]),
        }
        if self.path in _PERIOD_PARAM:
            params[_PERIOD_PARAM[self.path]] = PERIOD
        return Request(self.unit, self.path, params)


def account_ratio(entry: Entry) -> Dataset:
    """Accounts long and short."""
    parsed = Parsed(ACCOUNT_RATIO, _account_ratio_rows)
    return _dataset(entry, parsed, partial(_plan_days, entry, ACCOUNT_RATIO_PATH), _next_page)


def open_interest(entry: Entry) -> Dataset:
    """Open interest, both sides and one."""
    parsed = Parsed(OPEN_INTEREST, _open_interest_rows)
    return _dataset(entry, parsed, partial(_plan_days, entry, OPEN_INTEREST_PATH), _next_page)


def funding(entry: Entry) -> Dataset:
    """Funding settlements."""
    return _dataset(entry, Parsed(FUNDING, _funding_rows), partial(_plan_funding, entry), _next_funding_page)


def _dataset(
    entry: Entry,
    parsed: Parsed,
    plan: Callable[[Night, Known], list[Request]],
    following: Callable[[Exchange], Request | None],
) -> Dataset:
    return Dataset(
        entry.provider,
        entry.dataset,
        (parsed,),
        plan,
        partial(ask_pages, following=following),
        judge,
        Limits(per_second=entry.per_second, first_pause_seconds=_FIRST_PAUSE_SECONDS),
        entry.workers,
        entry.after,
    )


def _plan_days(entry: Entry, path: str, _night: Night, known: Known) -> list[Request]:
    return [
        MarketQuery(unit, path, contract, first, end).request()
        for unit, contract, first, end in hourly_days(entry, known)
    ]


def _plan_funding(entry: Entry, night: Night, known: Known) -> list[Request]:
    return [
        MarketQuery(unit, FUNDING_PATH, contract, first, end).request()
        for unit, contract, first, end in funding_months(entry, night, known)
    ]


def _next_page(exchange: Exchange) -> Request | None:
    """A cursor leads on, as long as pages are full: it may be there after the last one too."""
    cursor = next_cursor(exchange.body)
    is_full = _row_count(exchange) >= int(exchange.request.params["limit"])
    return (
        replace(exchange.request, params={**exchange.request.params, "cursor": cursor}) if cursor and is_full else None
    )


def _row_count(exchange: Exchange) -> int:
    rows = _account_ratio_rows if exchange.request.path == ACCOUNT_RATIO_PATH else _open_interest_rows
    return int(rows(exchange).num_rows)


def _next_funding_page(exchange: Exchange) -> Request | None:
    """Rows descend and there is no cursor: a full page is followed by what lies before its oldest row."""
    rows = _funding_rows(exchange)
    if rows.num_rows < int(exchange.request.params["limit"]):
        return None
    oldest = min(rows["funding_time"].to_pylist())
    if ms_of(oldest) <= int(exchange.request.params["startTime"]):
        return None
    return replace(exchange.request, params={**exchange.request.params, "endTime": str(ms_of(oldest) - 1)})


def _account_ratio_rows(exchange: Exchange) -> pa.Table:
    found = parse_account_ratio(exchange.body, _contract(exchange), PERIOD, _window(exchange))
    return ACCOUNT_RATIO.rows(row.model_dump() for row in found)


def _open_interest_rows(exchange: Exchange) -> pa.Table:
    found = parse_open_interest(exchange.body, _contract(exchange), PERIOD, _window(exchange))
    return OPEN_INTEREST.rows(row.model_dump() for row in found)


def _funding_rows(exchange: Exchange) -> pa.Table:
    found = parse_funding(exchange.body, _contract(exchange), _window(exchange))
    return FUNDING.rows(row.model_dump() for row in found)


def _contract(exchange: Exchange) -> str:
    return exchange.request.params["symbol"]


def _window(exchange: Exchange) -> Window:
    return Window.of_ms(exchange.request.params["startTime"], exchange.request.params["endTime"])
