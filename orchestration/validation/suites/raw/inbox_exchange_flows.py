"""Exchange flows of dropped files, judged like those of the vendor's API; a wrong file is set aside as a whole."""

from __future__ import annotations

from ingestion.sources.inbox.models import EXCHANGE_FLOWS, FLOW_METRICS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = raw_suite(
    EXCHANGE_FLOWS,
    *vendor_flow_rules(*FLOW_METRICS.values()),
    max_share=1.0,
)
