"""The price of every series at each session."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, filled, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_session_prices",
    key=("session_date", "series", "alignment"),
    slice=ChangedDays("session_date"),
    expectations=(
        filled("price", why="a missing price is a missing row"),
        positive("price", why="its logarithm is taken"),
        one_of("alignment", "session_close", "utc_close", why="the two alignments"),
        never(
            "price_of_another_day",
            "priced_at < session_date::timestamptz or priced_at > (session_date + 1)::timestamptz",
            why="nothing is carried over from a day before or taken from a day after",
        ),
    ),
)
