"""Exchange flows of dropped files, judged like those of the vendor's API; a wrong file is set aside as a whole."""

from __future__ import annotations

from dataclasses import replace

from orchestration.validation.rules import NewBatches, Suite
from orchestration.validation.suites.deliveries import vendor_flow_rules

SUITE = Suite(
    "raw",
    "inbox_exchange_flows",
    key=("token", "exchange", "metric", "date"),
    slice=NewBatches(),
    expectations=tuple(
        replace(rule, max_share=1.0) for rule in vendor_flow_rules("netflow", "inflow", "outflow", "reserve")
    ),
)
