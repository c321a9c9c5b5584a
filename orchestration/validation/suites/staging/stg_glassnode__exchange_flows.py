"""Glassnode's daily flows as labels say now, none after the night."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy
from orchestration.validation.suites.deliveries import vendor_daily_flow_rules

SUITE = suite(
    "staging",
    "stg_glassnode__exchange_flows",
    TouchedBy("glassnode_exchange_flows", column="date", raw_column="date"),
    vendor_daily_flow_rules(),
)
