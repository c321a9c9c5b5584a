"""What is asked of Coin Metrics for a night: caps of every asset it covers, and exchange flows where they are open.

A rank needs the caps of all coins, also of those that nothing else here is about.

The provider's own catalogue says which asset has which metric; assets with the same metrics are asked together, in
lists short enough for a URL. Pages are followed by their token on our own host, oldest first. A first night asks the
whole history; later ones begin some days before the last night, because the newest values are restated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.entry import Entry
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.coinmetrics.models import ASSET_METRICS, CAP_METRICS, FLOW_METRICS
from ingestion.sources.coinmetrics.parse import parse_catalog, parse_metrics, parse_page
from ingestion.warehouse.coverage import DailyRows

SERIES_PATH, CATALOG_PATH = "/timeseries/asset-metrics", "/catalog-v2/asset-metrics"
FIRST_FLOW_DAY = date(2018, 1, 1)
FLOW_ASSETS = frozenset({"btc", "eth", "usdt"})
PAGE_SIZE = 10_000
# A URL must stay below 6,000 characters; each name costs up to two more for its escaped comma.
_ASSETS_CHARACTERS = 4_500
_MOST_PAGES = 1_000


@dataclass(frozen=True)
class SeriesQuery:
    """Daily values of some metrics of some assets, both days included."""

    unit: str
    assets: tuple[str, ...]
    metrics: tuple[str, ...]
    first_day: date
    last_day: date

    def request(self, page: str | None) -> Request:
        params = {
            "assets": ",".join(self.assets),
            "metrics": ",".join(self.metrics),
            "frequency": "1d",
            "start_time": str(self.first_day),
            "end_time": str(self.last_day),
            "page_size": str(PAGE_SIZE),
            "paging_from": "start",  # the default gives the newest page first
            "ignore_forbidden_errors": "true",
            "ignore_unsupported_errors": "true",
        }
        return Request(self.unit, SERIES_PATH, params | ({"next_page_token": page} if page else {}))


@dataclass(frozen=True)
class Share:
    """A part of the dataset: which metrics, of all assets that have them or of these only."""

    metrics: tuple[str, ...]
    assets: frozenset[str] | None = None


SHARES: Mapping[str, Share] = {
    "caps": Share(CAP_METRICS),
    "flows": Share(FLOW_METRICS, FLOW_ASSETS),
}


def asset_metrics(entry: Entry) -> Dataset:
    """Caps, prices and supplies of coins; exchange flows of btc, eth and usdt."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(ASSET_METRICS, _rows),),
        partial(_plan, entry),
        _fetch,
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        daily=(DailyRows(ASSET_METRICS, "asset || '/' || metric", "date"),),
    )


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    """A unit for each share; its request carries the window, the series follow from the catalogue."""
    if entry.is_backfill:
        return _plan_months(entry, night, known)
    requests = []
    for unit, share in SHARES.items():
        before = known.completed_before(unit)
        if before is not None:
            first = before - timedelta(days=entry.trailing_days - 1)
        elif unit == "flows":
            first = min(FIRST_FLOW_DAY, night.day)
        else:
            first = night.day - timedelta(days=entry.history_days - 1)
        requests.append(SeriesQuery(unit, (), share.metrics, first, night.day).request(None))
    return requests


def _plan_months(entry: Entry, night: Night, known: Known) -> list[Request]:
    """A unit for each share and calendar month of a window, so that a window that is stopped goes on where it was."""
    months, first = [], night.day - timedelta(days=entry.history_days - 1)
    while first <= night.day:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        months.append((first, min(night.day, following - timedelta(days=1))))
        first = following
    return [
        query.request(None)
        for unit, share in SHARES.items()
        for start, end in months
        if not known.completed_ever(
            (query := SeriesQuery(f"{unit}/{start}..{end}", (), share.metrics, start, end)).unit
        )
    ]


def _fetch(request: Request, send: Send, _known: Known) -> Iterator[Exchange]:
    share = SHARES[request.unit.split("/")[0]]
    open_metrics: dict[str, frozenset[str]] = {}
    asked = Request(
        request.unit, CATALOG_PATH, {"metrics": ",".join(share.metrics), "page_size": str(PAGE_SIZE)}, kind="catalog"
    )
    for exchange in _pages(asked, send):
        yield exchange
        if exchange.outcome is not Outcome.OK:
            return
        open_metrics |= parse_catalog(exchange.body, share.metrics)
    wanted = {asset: found for asset, found in open_metrics.items() if share.assets is None or asset in share.assets}
    first, last = (date.fromisoformat(request.params[name]) for name in ("start_time", "end_time"))
    for metrics, assets in _alike(wanted):
        query = SeriesQuery(request.unit, assets, metrics, first, last)
        for exchange in _pages(query.request(None), send):
            yield exchange
            if exchange.outcome is not Outcome.OK:
                return


def _pages(request: Request, send: Send) -> Iterator[Exchange]:
    """Every page of an answer; the last exchange is a failure when the pages do not end or one cannot be read."""
    tokens: set[str] = set()
    asked = request
    while True:
        exchange = send(asked)
        if exchange.outcome is not Outcome.OK:
            yield exchange
            return
        try:
            token = parse_page(exchange.body).next_page_token
        except BadPayloadError as error:
            yield replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=str(error))
            return
        if token in tokens or len(tokens) >= _MOST_PAGES:
            yield replace(exchange, outcome=Outcome.BAD_PAYLOAD, error="the pages do not end")
            return
        yield exchange
        if token is None:
            return
        tokens.add(token)
        asked = replace(request, params={**request.params, "next_page_token": token})


def _alike(open_metrics: Mapping[str, frozenset[str]]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Metrics and the assets that have exactly these, in lists short enough for a URL."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for asset in sorted(open_metrics):
        groups.setdefault(tuple(sorted(open_metrics[asset])), []).append(asset)
    for metrics, assets in sorted(groups.items()):
        chunk: list[str] = []
        for asset in assets:
            if chunk and sum(len(name) + 3 for name in (*chunk, asset)) > _ASSETS_CHARACTERS:
                yield metrics, tuple(chunk)
                chunk = []
            chunk.append(asset)
        yield metrics, tuple(chunk)


def _rows(exchange: Exchange) -> pa.Table:
    return parse_metrics(exchange.body, exchange.request.params)
