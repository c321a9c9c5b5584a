"""What is asked of OKX for a night: the hours of days that neither Binance's archive nor its REST API completed, and
the funding of months likewise. On an ordinary night that is nothing.

Days of OKX open at 00:00 of UTC+8. So hours are asked, whose stamps are the same in both, and days are made of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed, Send, ask_once
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.asking import ask_in_turn, ask_pages
from ingestion.sources.okx.models import FUNDING, OPEN_INTEREST, RATIOS
from ingestion.sources.okx.parse import TAKER, judge, parse_funding, parse_open_interest, parse_ratios
from ingestion.sources.reading import Window, moment_of_ms, ms_of
from ingestion.sources.venues import funding_months, hourly_days

PERIOD = "1H"  # a capital letter, or error 51000
_STATISTICS = "/api/v5/rubik/stat"
RATIO_PATHS = {
    "global_account": f"{_STATISTICS}/contracts/long-short-account-ratio-contract",
    "top_account": f"{_STATISTICS}/contracts/long-short-account-ratio-contract-top-trader",
    "top_position": f"{_STATISTICS}/contracts/long-short-position-ratio-contract-top-trader",
    TAKER: f"{_STATISTICS}/taker-volume-contract",
}
OPEN_INTEREST_PATH = f"{_STATISTICS}/contracts/open-interest-history"
FUNDING_PATH = "/api/v5/public/funding-rate-history"
LARGEST_PAGE = 100
_KIND_OF_PATH = {path: kind for kind, path in RATIO_PATHS.items()}
_IN_USD = "2"


@dataclass(frozen=True)
class StatisticsQuery:
    """The hours of one swap from a moment up to another (excluded): a day's 24 fit in one page."""

    unit: str
    path: str
    contract: str
    first: datetime
    end: datetime

    def request(self) -> Request:
        """`begin` and `end` are both excluded by the venue."""
        params = {
            "instId": self.contract,
            "period": PERIOD,
            "begin": str(ms_of(self.first) - 1),
            "end": str(ms_of(self.end)),
            "limit": str(LARGEST_PAGE),
        }
        if self.path == RATIO_PATHS[TAKER]:
            params["unit"] = _IN_USD
        return Request(self.unit, self.path, params)


@dataclass(frozen=True)
class FundingQuery:
    """The settlements of one swap from a moment up to another (excluded)."""

    unit: str
    contract: str
    first: datetime
    end: datetime

    def request(self) -> Request:
        """`before` gives what is newer than it, `after` what is older; both excluded."""
        params = {
            "instId": self.contract,
            "before": str(ms_of(self.first) - 1),
            "after": str(ms_of(self.end)),
            "limit": str(LARGEST_PAGE),
        }
        return Request(self.unit, FUNDING_PATH, params)


def ratios(entry: Entry) -> Dataset:
    """The four ratios; a unit holds all of them."""
    plan = partial(_plan_days, entry, RATIO_PATHS["global_account"])
    return _dataset(entry, Parsed(RATIOS, _ratio_rows), plan, _fetch_ratios)


def open_interest(entry: Entry) -> Dataset:
    """Open interest in contracts, coins and USD."""
    plan = partial(_plan_days, entry, OPEN_INTEREST_PATH)
    return _dataset(entry, Parsed(OPEN_INTEREST, _open_interest_rows), plan, ask_once)


def funding(entry: Entry) -> Dataset:
    """Funding settlements of about three months."""
    fetch = partial(ask_pages, following=_next_funding_page)
    return _dataset(entry, Parsed(FUNDING, _funding_rows), partial(_plan_funding, entry), fetch)


def _dataset(
    entry: Entry,
    parsed: Parsed,
    plan: Callable[[Night, Known], list[Request]],
    fetch: Callable[[Request, Send, Known], Iterator[Exchange]],
) -> Dataset:
    return Dataset(
        entry.provider,
        entry.dataset,
        (parsed,),
        plan,
        fetch,
        judge,
        Limits(per_second=entry.per_second),
        entry.workers,
        entry.after,
    )


def _plan_days(entry: Entry, path: str, _night: Night, known: Known) -> list[Request]:
    return [
        StatisticsQuery(unit, path, contract, first, end).request()
        for unit, contract, first, end in hourly_days(entry, known)
    ]


def _plan_funding(entry: Entry, night: Night, known: Known) -> list[Request]:
    return [
        FundingQuery(unit, contract, first, end).request()
        for unit, contract, first, end in funding_months(entry, night, known)
    ]


def _fetch_ratios(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
    asked = request.params
    first, end = moment_of_ms(asked["begin"]) + timedelta(milliseconds=1), moment_of_ms(asked["end"])
    queries = (StatisticsQuery(request.unit, path, asked["instId"], first, end) for path in RATIO_PATHS.values())
    return ask_in_turn((query.request() for query in queries), send)


def _next_funding_page(exchange: Exchange) -> Request | None:
    """Rows descend: a full page is followed by what is older than its oldest row."""
    rows = _funding_rows(exchange)
    if rows.num_rows < int(exchange.request.params["limit"]):
        return None
    oldest = min(rows["funding_time"].to_pylist())
    return replace(exchange.request, params={**exchange.request.params, "after": str(ms_of(oldest))})


def _ratio_rows(exchange: Exchange) -> pa.Table:
    kind = _KIND_OF_PATH[exchange.request.path]
    found = parse_ratios(exchange.body, _contract(exchange), kind, PERIOD, _window(exchange, "begin", "end"))
    return RATIOS.rows(row.model_dump() for row in found)


def _open_interest_rows(exchange: Exchange) -> pa.Table:
    found = parse_open_interest(exchange.body, _contract(exchange), PERIOD, _window(exchange, "begin", "end"))
    return OPEN_INTEREST.rows(row.model_dump() for row in found)


def _funding_rows(exchange: Exchange) -> pa.Table:
    found = parse_funding(exchange.body, _contract(exchange), _window(exchange, "before", "after"))
    return FUNDING.rows(row.model_dump() for row in found)


def _contract(exchange: Exchange) -> str:
    return exchange.request.params["instId"]


def _window(exchange: Exchange, newer_than: str, older_than: str) -> Window:
    """Both bounds are excluded by the venue."""
    params = exchange.request.params
    return Window.of_ms(str(int(params[newer_than]) + 1), str(int(params[older_than]) - 1))
