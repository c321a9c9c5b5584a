"""What is asked of Binance for a night: the list of its own addresses."""

from __future__ import annotations

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.binance_reserves.models import ADDRESSES
from ingestion.sources.binance_reserves.parse import judge, parse_addresses

KEY = ("binance_reserves", "addresses")
PATH = "/bapi/apex/v1/public/apex/market/por/address"


def addresses(entry: Entry) -> Dataset:
    """The whole list."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(ADDRESSES, _rows),),
        _plan,
        judge=judge,
        # What was read before holds, so the transfers do not wait long for what is new.
        limits=Limits(per_second=entry.per_second, attempts=2),
        workers=entry.workers,
    )


def _plan(_night: Night, _known: Known) -> list[Request]:
    return [Request("list", PATH)]


def _rows(exchange: Exchange) -> pa.Table:
    return ADDRESSES.rows(row.model_dump() for row in parse_addresses(exchange.body))
