"""ERC-20 transfers to or from labelled exchange wallets. Amounts are uint256 in decimal digits, kept as text."""

from __future__ import annotations

from ingestion.sources.ethereum.models import TRANSFERS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import raw_transfer_rules

SUITE = raw_suite(TRANSFERS, *raw_transfer_rules())
