"""Cycles of OTHERS/BTC under several rules."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

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
        never("gain_below_the_rule", "gain < min_amplitude - 1e-9", why="a cycle rises by the amplitude at least"),
        never(
            "turns_too_close",
            "peak_date - trough_date < min_days",
            why="turning points are the least number of days apart",
        ),
        never(
            "known_before_it_happened",
            "trough_confirmed_date <= trough_date or peak_confirmed_date <= peak_date",
            why="a turning point is known later than it is",
        ),
    ),
)
