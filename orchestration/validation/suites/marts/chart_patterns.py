"""Inverse heads and shoulders, and what became of them."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, never, one_of
from orchestration.validation.suites.shared_patterns import chart_pattern_rules

SUITE = Suite(
    "marts",
    "chart_patterns",
    key=("symbol", "bar_interval", "head_date"),
    slice=Whole(),
    expectations=(
        *chart_pattern_rules(),
        one_of("pattern", "inverse_head_and_shoulders", why="the one pattern that the claim names"),
        never("known_after_the_night", "confirmed_date > {night}", why="a night knows no later session"),
    ),
)
