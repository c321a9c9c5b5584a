"""The catalogue: every dataset, in load order, made from `catalogue.yml` and the source that collects it.

Belongs here: which datasets there are. What is asked and how it is read belongs to each source.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter

from ingestion.collect import Dataset
from ingestion.entry import Entry
from ingestion.settings import api_key
from ingestion.sources.binance_futures import dataset as binance_futures
from ingestion.sources.binance_reserves import dataset as binance_reserves
from ingestion.sources.binance_vision import dataset as binance_vision
from ingestion.sources.blockscout import dataset as blockscout
from ingestion.sources.bybit import dataset as bybit
from ingestion.sources.cboe import dataset as cboe
from ingestion.sources.coingecko import dataset as coingecko
from ingestion.sources.coinmarketcap import dataset as coinmarketcap
from ingestion.sources.coinmetrics import dataset as coinmetrics
from ingestion.sources.cryptoquant import dataset as cryptoquant
from ingestion.sources.ethereum import dataset as ethereum
from ingestion.sources.fred import dataset as fred
from ingestion.sources.glassnode import dataset as glassnode
from ingestion.sources.inbox import dataset as inbox
from ingestion.sources.nasdaq import dataset as nasdaq
from ingestion.sources.okx import dataset as okx
from ingestion.sources.registry import dataset as registry
from ingestion.sources.yahoo import dataset as yahoo

_FILE = Path(__file__).with_name("catalogue.yml")
_BUILDERS: dict[tuple[str, str], Callable[[Entry], Dataset]] = {
    ("yahoo", "chart"): yahoo.chart,
    ("cboe", "closes"): cboe.closes,
    ("cboe", "bars"): cboe.bars,
    ("nasdaq", "bars"): nasdaq.bars,
    ("fred", "closes"): fred.closes,
    ("binance_vision", "metrics"): binance_vision.metrics,
    ("binance_vision", "klines"): binance_vision.klines,
    ("binance_vision", "funding"): binance_vision.funding,
    ("binance_futures", "ratios"): binance_futures.ratios,
    ("binance_futures", "open_interest"): binance_futures.open_interest,
    ("binance_futures", "funding"): binance_futures.funding,
    ("bybit", "account_ratio"): bybit.account_ratio,
    ("bybit", "open_interest"): bybit.open_interest,
    ("bybit", "funding"): bybit.funding,
    ("okx", "ratios"): okx.ratios,
    ("okx", "open_interest"): okx.open_interest,
    ("okx", "funding"): okx.funding,
    ("registry", "wallets"): registry.wallets,
    ("binance_reserves", "addresses"): binance_reserves.addresses,
    ("ethereum", "blocks"): ethereum.blocks,
    ("ethereum", "transfers"): ethereum.transfers,
    ("blockscout", "transfers"): blockscout.transfers,
    ("coinmetrics", "asset_metrics"): coinmetrics.asset_metrics,
    ("coingecko", "markets"): coingecko.markets,
    ("coingecko", "global"): coingecko.total,
    ("coinmarketcap", "total"): coinmarketcap.total,
    ("coinmarketcap", "listings"): coinmarketcap.listings,
    ("cryptoquant", "exchange_flows"): cryptoquant.exchange_flows,
    ("glassnode", "exchange_flows"): glassnode.exchange_flows,
    ("glassnode", "exchange_flows_pit"): glassnode.exchange_flows_pit,
    ("inbox", "equity_bars"): inbox.equity_bars,
    ("inbox", "exchange_flows"): inbox.exchange_flows,
    ("inbox", "asset_metrics"): inbox.asset_metrics,
}


@cache
def entries() -> tuple[Entry, ...]:
    """Every row of the catalogue."""
    return tuple(
        TypeAdapter(list[Entry]).validate_python(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["datasets"])
    )


def entry(provider: str, dataset: str) -> Entry:
    """One row of the catalogue."""
    (found,) = (row for row in entries() if (row.provider, row.dataset) == (provider, dataset))
    return found


def datasets(enabled: Collection[str] = ()) -> tuple[Dataset, ...]:
    """What a live night collects, in load order: everything that nothing keeps off."""
    return tuple(_build(row) for row in entries() if why_off(row, enabled) is None)


def why_off(row: Entry, enabled: Collection[str] = ()) -> str | None:
    """What keeps a dataset off, and what would switch it on; None when it is on. Off is no error."""
    if row.cadence == "dropped":
        return "nobody is asked for it: drop files into the home's inbox"
    if row.opt_in and row.provider not in enabled:
        return f"its terms need a decision: set ROTATION_{row.provider.upper()}_ENABLED=true"
    if lacks_key(row):
        return f"it needs a key: set {row.key}"
    return None


def lacks_key(row: Entry) -> bool:
    """Whether a dataset needs a key that the environment does not have."""
    return row.key is not None and api_key(row.provider) is None


def every_dataset() -> tuple[Dataset, ...]:
    """Everything that landing may hold: what a replay reads."""
    return tuple(_build(row) for row in entries())


def sandbox_datasets() -> tuple[Dataset, ...]:
    """Everything, with as much history as a sandbox is asked for."""
    return tuple(_build(row.in_sandbox) for row in entries())


def dropped_datasets() -> tuple[Dataset, ...]:
    """What people bring as files."""
    return tuple(_build(row) for row in entries() if row.cadence == "dropped")


def _build(row: Entry) -> Dataset:
    build = _BUILDERS[row.provider, row.dataset]
    over = (lambda days: replace(build(row.over(days)), is_window=True)) if row.backfill else None
    return replace(build(row), is_snapshot=row.cadence == "snapshot", over=over)


RAW_TABLES = tuple(parsed.table for dataset in every_dataset() for parsed in dataset.tables)
