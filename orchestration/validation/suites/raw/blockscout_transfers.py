"""All ERC-20 transfers of contract days that the node did not answer. Amounts are uint256 as decimal text."""

from __future__ import annotations

from ingestion.sources.blockscout.models import TRANSFERS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_transfer_rules

SUITE = raw_suite(TRANSFERS, *raw_transfer_rules())
