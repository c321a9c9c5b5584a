"""The price of every series at each session."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "intermediate",
    "int_session_prices",
    ChangedDays("session_date"),
    (
        never(
            "price_of_another_day",
            "priced_at < session_date::timestamptz or priced_at > (session_date + 1)::timestamptz",
            why="nothing is carried over from a day before or taken from a day after",
        ),
    ),
)
