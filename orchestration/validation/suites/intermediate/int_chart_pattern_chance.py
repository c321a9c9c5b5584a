"""Patterns in bootstrapped paths, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared_patterns import pattern_chance_rules

SUITE = suite("intermediate", "int_chart_pattern_chance", ChangedDays("as_of_date"), pattern_chance_rules())
