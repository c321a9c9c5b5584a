"""Contract days that the indexer answered in place of the node."""

from __future__ import annotations

from ingestion.sources.blockscout.models import RANGES
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_range_rules

SUITE = raw_suite(RANGES, *raw_range_rules())
