"""Funding settlements of the archive's months."""

from __future__ import annotations

from ingestion.sources.binance_vision.models import FUNDING
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import one_of
from orchestration.validation.suites.deliveries import settlement_rules

SUITE = raw_suite(
    FUNDING,
    *settlement_rules("symbol"),
    one_of("funding_interval_hours", 1, 2, 4, 8, why="the intervals a venue settles at", severity="warning"),
)
