"""Daily flows of dropped files, none after the night."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import vendor_daily_flow_rules

SUITE = suite(
    "staging",
    "stg_inbox__exchange_flows",
    TouchedBy("inbox_exchange_flows", column="date", raw_column="date"),
    vendor_daily_flow_rules(),
)
