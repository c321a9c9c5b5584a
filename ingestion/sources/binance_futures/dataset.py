"""What is asked of the futures REST API for a night.

Ratios and open interest: the days of the last 30 that the archive has not published, a symbol and day at a time, in the
archive's own five minutes. Funding: every symbol's month, the running one again every night.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed, Send, ask_once
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.gaps import days_lacking, months_lacking
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.asking import ask_in_turn, ask_pages
from ingestion.sources.binance_futures.models import FUNDING, OPEN_INTEREST, RATIOS
from ingestion.sources.binance_futures.parse import (
    LABELS_MOVED,
    TAKER,
    judge,
    parse_funding,
    parse_open_interest,
    parse_ratios,
)
from ingestion.sources.reading import Window, midnight, ms_of

PERIOD = "5m"
LARGEST_PAGE, LARGEST_FUNDING_PAGE = 500, 1000
RATIO_PATHS = {
    "global_account": "/futures/data/globalLongShortAccountRatio",
    "top_account": "/futures/data/topLongShortAccountRatio",
    "top_position": "/futures/data/topLongShortPositionRatio",
    TAKER: "/futures/data/takerlongshortRatio",
}
OPEN_INTEREST_PATH = "/futures/data/openInterestHist"
FUNDING_PATH = "/fapi/v1/fundingRate"
_KIND_OF_PATH = {path: kind for kind, path in RATIO_PATHS.items()}
_STEP = timedelta(minutes=5)


@dataclass(frozen=True)
class StatisticsQuery:
    """All five minutes of one day of one statistic: 288 rows, fewer than a page holds."""

    symbol: str
    day: date
    path: str

    def request(self) -> Request:
        first = midnight(self.day)
        if first < LABELS_MOVED or self.path == OPEN_INTEREST_PATH:  # a label is the end, or the moment of sampling
            first += _STEP
        last = first + timedelta(days=1) - _STEP
        params = {
            "symbol": self.symbol,
            "period": PERIOD,
            "startTime": str(ms_of(first)),
            "endTime": str(ms_of(last)),
            "limit": str(LARGEST_PAGE),
        }
        return Request(f"{self.symbol}/{self.day}", self.path, params)


@dataclass(frozen=True)
class FundingQuery:
    """The settlements of one symbol in one month, up to a day of it (included)."""

    symbol: str
    month: date
    last_day: date

    def request(self) -> Request:
        params = {
            "symbol": self.symbol,
            "startTime": str(ms_of(midnight(self.month))),
            "endTime": str(ms_of(midnight(self.last_day + timedelta(days=1))) - 1),
            "limit": str(LARGEST_FUNDING_PAGE),
        }
        return Request(f"{self.symbol}/{self.month:%Y-%m}", FUNDING_PATH, params)


def ratios(entry: Entry) -> Dataset:
    """The four ratios; a unit holds all of them."""
    return replace(
        _dataset(entry, Parsed(RATIOS, _ratio_rows), partial(_plan_days, entry, RATIO_PATHS["global_account"])),
        fetch=_fetch_ratios,
    )


def open_interest(entry: Entry) -> Dataset:
    """Open interest in base units and USDT."""
    return _dataset(entry, Parsed(OPEN_INTEREST, _open_interest_rows), partial(_plan_days, entry, OPEN_INTEREST_PATH))


def funding(entry: Entry) -> Dataset:
    """Funding settlements of every perpetual of the reference."""
    return replace(
        _dataset(entry, Parsed(FUNDING, _funding_rows), partial(_plan_funding, entry)),
        fetch=partial(ask_pages, following=_next_funding_page),
    )


def _dataset(entry: Entry, parsed: Parsed, plan: Callable[[Night, Known], list[Request]]) -> Dataset:
    return Dataset(
        entry.provider,
        entry.dataset,
        (parsed,),
        plan,
        ask_once,
        judge,
        Limits(per_second=entry.per_second),
        entry.workers,
        entry.after,
    )


def _plan_days(entry: Entry, path: str, _night: Night, known: Known) -> list[Request]:
    units = days_lacking(entry, known, reference.listed_perpetuals())
    return [StatisticsQuery(unit.subject, unit.last_day, path).request() for unit in units]


def _fetch_ratios(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
    symbol, day = request.unit.split("/")
    queries = (StatisticsQuery(symbol, date.fromisoformat(day), path) for path in RATIO_PATHS.values())
    return ask_in_turn((query.request() for query in queries), send)


def _plan_funding(entry: Entry, night: Night, known: Known) -> list[Request]:
    units = months_lacking(entry, known, reference.listed_perpetuals())
    return [FundingQuery(unit.subject, unit.first_day, min(unit.last_day, night.day)).request() for unit in units]


def _next_funding_page(exchange: Exchange) -> Request | None:
    """Rows ascend: a full page is followed by what lies after its newest row."""
    rows = _funding_rows(exchange)
    if rows.num_rows < int(exchange.request.params["limit"]):
        return None
    newest = max(rows["funding_time"].to_pylist())
    return replace(exchange.request, params={**exchange.request.params, "startTime": str(ms_of(newest) + 1)})


def _ratio_rows(exchange: Exchange) -> pa.Table:
    kind = _KIND_OF_PATH[exchange.request.path]
    found = parse_ratios(exchange.body, _symbol(exchange), kind, PERIOD, _window(exchange))
    return RATIOS.rows(row.model_dump() for row in found)


def _open_interest_rows(exchange: Exchange) -> pa.Table:
    found = parse_open_interest(exchange.body, _symbol(exchange), PERIOD, _window(exchange))
    return OPEN_INTEREST.rows(row.model_dump() for row in found)


def _funding_rows(exchange: Exchange) -> pa.Table:
    found = parse_funding(exchange.body, _symbol(exchange), _window(exchange))
    return FUNDING.rows(row.model_dump() for row in found)


def _symbol(exchange: Exchange) -> str:
    return exchange.request.params["symbol"]


def _window(exchange: Exchange) -> Window:
    params = exchange.request.params
    return Window.of_ms(params["startTime"], params["endTime"])
