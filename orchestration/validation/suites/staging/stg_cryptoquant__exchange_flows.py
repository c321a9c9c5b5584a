"""CryptoQuant's daily flows, none after the night."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy
from orchestration.validation.suites.deliveries import vendor_daily_flow_rules

SUITE = Suite(
    "staging",
    "stg_cryptoquant__exchange_flows",
    key=("date", "exchange", "symbol"),
    slice=TouchedBy("cryptoquant_exchange_flows", column="date", raw_column="date"),
    expectations=vendor_daily_flow_rules(),
)
