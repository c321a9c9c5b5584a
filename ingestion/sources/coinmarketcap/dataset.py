"""What is asked of CoinMarketCap for a night: the total cap since 2017 in windows of 360 days, and listings of days.

A first night asks every window. Later ones ask the newest window from some days before the last night on; a window is
done for good when a night has seen the trailing days after its end. The listing of a day is asked until it has coins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.coinmarketcap.models import LISTINGS, TOTAL
from ingestion.sources.coinmarketcap.parse import judge, parse_listing, parse_total
from ingestion.warehouse.coverage import DailyRows

FIRST_DAY = date(2017, 1, 1)
WINDOW_DAYS = 360
LARGEST_RANK = 500
# No finished day since 2013 is without coins, so an empty listing is asked again; a backfill's older one is left.
EMPTY_ASKED_AGAIN_DAYS = 7
_US_DOLLAR = "2781"


@dataclass(frozen=True)
class TotalQuery:
    """Daily quotes, both days included; `window` is the first day of the window they belong to."""

    window: date
    first_day: date
    last_day: date

    def request(self) -> Request:
        params = {
            "convertId": _US_DOLLAR,
            "interval": "1d",
            "timeStart": str(_seconds(self.first_day)),
            # A day is stamped 23:59:59.999: a window that ended with its last whole second would lose its last day.
            "timeEnd": str(_seconds(self.last_day + timedelta(days=1))),
        }
        return Request(str(self.window), "/data-api/v3/global-metrics/quotes/historical", params)


@dataclass(frozen=True)
class ListingQuery:
    """The largest coins at the end of one UTC day."""

    day: date

    def request(self) -> Request:
        params = {"date": str(self.day), "start": "1", "limit": str(LARGEST_RANK), "convertId": _US_DOLLAR}
        return Request(str(self.day), "/data-api/v3/cryptocurrency/listings/historical", params)


def total(entry: Entry) -> Dataset:
    """The daily total cap."""
    return _dataset(entry, Parsed(TOTAL, _rows), partial(_plan, entry))


def listings(entry: Entry) -> Dataset:
    """The coins of each day by rank, those that have collapsed since included."""
    return _dataset(entry, Parsed(LISTINGS, _listing_rows), partial(_plan_listings, entry))


def _dataset(entry: Entry, parsed: Parsed, plan: Callable[[Night, Known], list[Request]]) -> Dataset:
    return Dataset(
        entry.provider,
        entry.dataset,
        (parsed,),
        plan,
        judge=judge,
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        daily=(DailyRows(parsed.table, f"'{entry.dataset}'", "date"),),
    )


def _plan_listings(entry: Entry, night: Night, known: Known) -> list[Request]:
    days = [night.day - timedelta(days=back) for back in range(entry.history_days)]
    return [ListingQuery(day).request() for day in days if _lacks_listing(day, night, known)]


def _lacks_listing(day: date, night: Night, known: Known) -> bool:
    if day > night.day - timedelta(days=EMPTY_ASKED_AGAIN_DAYS):
        return known.last_outcome.get(str(day)) is not Outcome.OK
    return not known.completed_ever(str(day))


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    return [query.request() for query in _queries(entry.trailing_days, night, known)]


def _queries(trailing: int, night: Night, known: Known) -> Iterator[TotalQuery]:
    window = FIRST_DAY
    while window <= night.day:
        end = window + timedelta(days=WINDOW_DAYS - 1)
        before = known.completed_before(str(window))
        if before is None:
            yield TotalQuery(window, window, min(end, night.day))
        elif before < end + timedelta(days=trailing):
            first = max(window, min(before, end) - timedelta(days=trailing - 1))
            yield TotalQuery(window, first, min(end, night.day))
        window = end + timedelta(days=1)


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(0), tzinfo=UTC).timestamp())


def _rows(exchange: Exchange) -> pa.Table:
    return TOTAL.rows(row.model_dump() for row in parse_total(exchange.body, exchange.fetched_at))


def _listing_rows(exchange: Exchange) -> pa.Table:
    rows = parse_listing(exchange.body, date.fromisoformat(exchange.request.unit), exchange.fetched_at)
    return LISTINGS.rows(row.model_dump() for row in rows)
