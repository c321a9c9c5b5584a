"""Log returns between consecutive sessions and weeks."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, between, never

SUITE = suite(
    "intermediate",
    "int_session_returns",
    ChangedDays("session_date"),
    (
        # ln 2: none of these series ever doubled or halved between two sessions; a split read as a return does.
        between("log_return", -0.7, 0.7, why="a larger one is a unit or a split", severity="warning"),
        never("return_without_price", "log_return is not null and log_price is null", why="a return needs a price"),
        never("week_return_inside_a_week", "week_return is not null and not is_week_end", why="a week ends once"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
    ),
)
