"""When each signal came."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "intermediate",
    "int_signal_events",
    Whole(),
    (never("event_after_the_night", "session_date > {night}", why="a night knows no later session"),),
)
