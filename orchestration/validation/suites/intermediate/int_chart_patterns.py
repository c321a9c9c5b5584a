"""Patterns as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole
from orchestration.validation.suites.shared_patterns import chart_pattern_rules

SUITE = suite("intermediate", "int_chart_patterns", Whole(), chart_pattern_rules())
