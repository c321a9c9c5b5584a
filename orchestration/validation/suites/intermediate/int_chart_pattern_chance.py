"""Patterns in bootstrapped paths, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared_patterns import pattern_chance_rules

SUITE = Suite(
    "intermediate",
    "int_chart_pattern_chance",
    key=("symbol", "bar_interval", "as_of_date"),
    slice=ChangedDays("as_of_date"),
    expectations=pattern_chance_rules(),
)
