"""When each signal came."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, never, one_of

SUITE = Suite(
    "intermediate",
    "int_signal_events",
    key=(
        "signal",
        "session_date",
    ),
    slice=Whole(),
    expectations=(
        one_of(
            "signal",
            "fresh_ath",
            "streak",
            "pattern_breakout",
            "long_bias",
            "rotation_signal",
            why="the signals that are studied",
        ),
        never("event_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
