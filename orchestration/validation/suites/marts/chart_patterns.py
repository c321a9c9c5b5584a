"""Inverse heads and shoulders, and what became of them."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "marts",
    "chart_patterns",
    Whole(),
    (
        never(
            "points_out_of_order",
            "not (e1_date < e2_date and e2_date < e3_date and e3_date < e4_date and e4_date < e5_date)",
            why="the five extrema follow each other",
        ),
        never(
            "head_above_a_shoulder",
            "e3_close >= e1_close or e3_close >= e5_close",
            why="the head is the lowest of the three minima",
        ),
        never(
            "shoulders_or_neckline_apart",
            "abs(e1_close - e5_close) > 0.015 * (e1_close + e5_close) / 2 + 1e-9 "
            "or abs(e2_close - e4_close) > 0.015 * (e2_close + e4_close) / 2 + 1e-9",
            why="each pair differs by 1.5 % of its mean at most",
        ),
        never("known_before_it_was_complete", "confirmed_date <= e5_date", why="a minimum is known later than it is"),
        never(
            "decided_before_it_was_known",
            "breakout_date <= confirmed_date or failed_date <= confirmed_date or target_date < breakout_date",
            why="an outcome comes after its pattern",
        ),
        never("target_without_breakout", "(target is null) <> (breakout_date is null)", why="a breakout sets a target"),
        never("known_after_the_night", "confirmed_date > {night}", why="a night knows no later session"),
    ),
)
