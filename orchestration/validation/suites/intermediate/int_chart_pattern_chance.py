"""Patterns in bootstrapped paths, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_chart_pattern_chance", ChangedDays("as_of_date"), to="chart_pattern_chance")
