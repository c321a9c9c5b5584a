"""The datasets of dropped files. Nothing is asked of anybody: what is read is what lies in the inbox (`folder`)."""

from __future__ import annotations

import pyarrow as pa

from ingestion.collect import Dataset, Parsed
from ingestion.entry import Entry
from ingestion.exchange import Exchange
from ingestion.sources.inbox.models import ASSET_METRICS, EQUITY_BARS, EXCHANGE_FLOWS
from ingestion.sources.inbox.parse import parse_asset_metrics, parse_equity_bars, parse_exchange_flows


def equity_bars(entry: Entry) -> Dataset:
    """Daily bars of equities, from exports in the layouts of Yahoo and Stooq."""
    return Dataset(entry.provider, entry.dataset, (Parsed(EQUITY_BARS, _bars),), lambda _night, _known: [])


def exchange_flows(entry: Entry) -> Dataset:
    """Exchange flows of a token, from exports in the layout of CryptoQuant."""
    return Dataset(entry.provider, entry.dataset, (Parsed(EXCHANGE_FLOWS, _flows),), lambda _night, _known: [])


def asset_metrics(entry: Entry) -> Dataset:
    """Daily metrics of a coin, from exports in the layout of Coin Metrics."""
    return Dataset(entry.provider, entry.dataset, (Parsed(ASSET_METRICS, _metrics),), lambda _night, _known: [])


def _bars(exchange: Exchange) -> pa.Table:
    return parse_equity_bars(exchange.body, exchange.request.unit.split("/")[0])


def _flows(exchange: Exchange) -> pa.Table:
    token, at = exchange.request.unit.split("/")[:2]
    return parse_exchange_flows(exchange.body, token, at)


def _metrics(exchange: Exchange) -> pa.Table:
    return parse_asset_metrics(exchange.body, exchange.request.unit.split("/")[0])
