"""Glassnode's flows of tokens at an exchange, restated as labels change."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = Suite(
    "raw",
    "glassnode_exchange_flows",
    key=("asset", "exchange", "metric", "date"),
    slice=NewBatches(),
    expectations=vendor_flow_rules("netflow", "inflow", "outflow"),
)
