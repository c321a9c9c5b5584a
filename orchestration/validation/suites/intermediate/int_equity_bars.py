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
        never(
            "bar_without_a_session",
            "session_date not in (select session_date from intermediate.int_xnys_sessions)",
            why="New York was closed that day: a holiday, or a stamp in another time zone",
            severity="warning",
        ),
        measured(
            "sessions_missing_of_a_year",
            "select count(*) from (select symbol, min(session_date) as since from {table} group by symbol) as known "
            "join intermediate.int_xnys_sessions as sessions "
            "on sessions.session_date > greatest(known.since, {night} - 365) "
            "anti join {table} as bars "
            "on bars.symbol = known.symbol and bars.session_date = sessions.session_date",
            None,
            0,
            why="every series has every session of the calendar, half days too; a missing one breaks a return",
        ),
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
