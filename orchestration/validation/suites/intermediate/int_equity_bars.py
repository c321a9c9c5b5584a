"""The daily bar of each equity series, from the first provider that has it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never

SUITE = suite(
    "intermediate",
    "int_equity_bars",
    ChangedDays("session_date"),
    (
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        measured(
            "series_without_a_recent_close",
            # A night may be a weekend after a holiday: the longest closure of XNYS in a normal year is four days.
            "select 4 - count(distinct symbol) from {table} where session_date > {night} - 5",
            None,
            0,
            why="every series has a close of the last days from one provider at least",
        ),
    ),
)
