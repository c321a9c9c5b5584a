"""States of accumulation and distribution, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import netflow_state_rules

SUITE = Suite(
    "intermediate",
    "int_netflow_states",
    key=("date", "exchange", "symbol"),
    slice=ChangedDays("date"),
    expectations=netflow_state_rules(),
)
