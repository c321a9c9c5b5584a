"""Cycles as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared_patterns import cycle_gain_rules

SUITE = Suite(
    "intermediate",
    "int_others_btc_cycle_gains",
    key=(
        "membership",
        "denominator",
        "min_amplitude",
        "min_days",
        "trough_date",
    ),
    slice=Whole(),
    expectations=(*cycle_gain_rules(),),
)
