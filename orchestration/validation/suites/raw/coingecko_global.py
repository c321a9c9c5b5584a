"""The night's total market cap."""

from __future__ import annotations

from ingestion.sources.coingecko.models import GLOBAL
from orchestration.validation.dictionary import raw_suite

SUITE = raw_suite(
    GLOBAL,
)
