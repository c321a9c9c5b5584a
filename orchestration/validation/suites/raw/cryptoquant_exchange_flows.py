"""CryptoQuant's flows of tokens at an exchange, restated for weeks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = Suite(
    "raw",
    "cryptoquant_exchange_flows",
    key=("token", "exchange", "metric", "date"),
    slice=NewBatches(),
    expectations=vendor_flow_rules("netflow", "inflow", "outflow", "reserve"),
)
