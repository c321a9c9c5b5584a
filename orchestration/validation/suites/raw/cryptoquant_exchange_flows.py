"""CryptoQuant's flows of tokens at an exchange, restated for weeks."""

from __future__ import annotations

from ingestion.sources.cryptoquant.models import EXCHANGE_FLOWS, METRICS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = raw_suite(EXCHANGE_FLOWS, *vendor_flow_rules(*METRICS))
