"""What was asked of the chain and answered: the difference between no transfers and not fetched."""

from __future__ import annotations

from ingestion.sources.ethereum.models import RANGES
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_range_rules

SUITE = raw_suite(RANGES, *raw_range_rules())
