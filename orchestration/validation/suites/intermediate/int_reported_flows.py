"""Exchange flows as providers and dropped files report them."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "intermediate",
    "int_reported_flows",
    Whole(),
    (
        never("part_of_a_flow", "(inflow is null) <> (outflow is null)", why="both legs are known or none"),
        never(
            "known_at_the_time_by_nobody",
            "netflow_pit is not null and provider <> 'glassnode'",
            why="one provider alone says what was known on the day; another's value is restated",
        ),
    ),
)
