"""Funding settlements by REST."""

from __future__ import annotations

from ingestion.sources.binance_futures.models import FUNDING
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import measured
from orchestration.validation.suites.deliveries import settlement_rules

SUITE = raw_suite(
    FUNDING,
    *settlement_rules("symbol"),
    measured(
        "days_since_newest_settlement",
        "select {night} - max(cast(funding_minute as date)) from {table}",
        None,
        1,
        why="perpetuals settle every eight hours or oftener",
    ),
)
