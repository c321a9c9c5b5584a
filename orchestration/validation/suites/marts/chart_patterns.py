"""Inverse heads and shoulders, and what became of them."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never
from orchestration.validation.suites.shared_patterns import chart_pattern_rules

SUITE = suite(
    "marts",
    "chart_patterns",
    Whole(),
    (
        *chart_pattern_rules(),
        never("known_after_the_night", "confirmed_date > {night}", why="a night knows no later session"),
    ),
)
