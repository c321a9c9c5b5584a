"""Funding settlements, for months that Binance lacks."""

from __future__ import annotations

from ingestion.sources.bybit.models import FUNDING
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import settlement_rules

SUITE = raw_suite(FUNDING, *settlement_rules())
