"""Shares and quantiles of drawdowns by tier; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared import drawdown_rules

SUITE = Suite(
    "intermediate",
    "int_drawdowns",
    key=("date", "cap_tier", "universe"),
    slice=ChangedDays("date"),
    expectations=drawdown_rules(),
)
