"""What is asked of Glassnode for a night: Binance's flows of some tokens, restated and as known at the time.

A unit is a metric of a token. The restated values are read again eight weeks back; the point-in-time twins (`_pit`) are
another dataset with a table of its own, and the two are never mixed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.settings import api_key
from ingestion.sources.glassnode.models import EXCHANGE_FLOWS, EXCHANGE_FLOWS_PIT, METRICS
from ingestion.sources.glassnode.parse import parse_flows
from ingestion.warehouse.raw import RawTable

EXCHANGE = "binance"
_PIT = "_pit"


@dataclass(frozen=True)
class FlowsQuery:
    """Daily values of one metric of one asset at one exchange, both days included."""

    asset: str
    metric: str
    variant: str
    first_day: date
    last_day: date

    def request(self) -> Request:
        params = {
            "a": self.asset,
            "e": EXCHANGE,
            "i": "24h",
            "c": "native",
            "f": "json",
            "s": str(_seconds(self.first_day)),
            "u": str(_seconds(self.last_day + timedelta(days=1))),
        }
        return Request(f"{self.asset}/{self.metric}", f"{METRICS[self.metric]}{self.variant}", params)


def exchange_flows(entry: Entry) -> Dataset:
    """Flows of tokens at Binance as labels say now."""
    return _dataset(entry, EXCHANGE_FLOWS, "")


def exchange_flows_pit(entry: Entry) -> Dataset:
    """Flows of tokens at Binance as labels said then."""
    return _dataset(entry, EXCHANGE_FLOWS_PIT, _PIT)


def _dataset(entry: Entry, table: RawTable, variant: str) -> Dataset:
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(table, _rows_of(table)),),
        partial(_plan, entry, variant),
        limits=Limits(per_second=entry.per_second),
        workers=entry.workers,
        headers=partial(_headers, entry.provider),
    )


def _headers(provider: str) -> dict[str, str]:
    key = api_key(provider)
    return {"X-Api-Key": key} if key else {}  # never the query parameter: a request is landed with its parameters


def _plan(entry: Entry, variant: str, night: Night, known: Known) -> list[Request]:
    requests = []
    for asset, history in entry.symbols.items():
        for metric in METRICS:
            before = known.completed_before(f"{asset}/{metric}")
            days = history if before is None else entry.trailing_days
            first = (before or night.day) - timedelta(days=days - 1)
            requests.append(FlowsQuery(asset, metric, variant, first, night.day).request())
    return requests


def _rows_of(table: RawTable) -> Callable[[Exchange], pa.Table]:
    def rows(exchange: Exchange) -> pa.Table:
        asset, metric = exchange.request.unit.split("/")
        found = parse_flows(exchange.body, asset, exchange.request.params["e"], metric, exchange.fetched_at)
        return table.rows(row.model_dump() for row in found)

    return rows


def _seconds(day: date) -> int:
    return int(datetime.combine(day, time(0), tzinfo=UTC).timestamp())
