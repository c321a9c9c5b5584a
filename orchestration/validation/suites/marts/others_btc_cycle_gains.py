"""Cycles of OTHERS/BTC under several rules."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never
from orchestration.validation.suites.shared_patterns import cycle_gain_rules

SUITE = suite(
    "marts",
    "others_btc_cycle_gains",
    Whole(),
    (
        never(
            "known_after_the_night",
            "trough_confirmed_date > {night} or peak_confirmed_date > {night}",
            why="a night knows no later day",
        ),
        *cycle_gain_rules(),
    ),
)
