"""The daily bar of each equity series, from the first provider that has it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, filled, measured, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_equity_bars",
    key=("symbol", "session_date"),
    slice=ChangedDays("session_date"),
    expectations=(
        filled("close", why="a session without a close has no row"),
        positive("close", why="its logarithm is taken"),
        one_of("symbol", "^RUT", "^GSPC", "IWM", "SPY", why="the four series"),
        one_of("provider", "yahoo", "cboe", "nasdaq", why="the providers of bars; FRED only checks"),
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
