"""Patterns as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared_patterns import chart_pattern_rules

SUITE = Suite(
    "intermediate",
    "int_chart_patterns",
    key=("symbol", "bar_interval", "head_date"),
    slice=Whole(),
    expectations=chart_pattern_rules(),
)
