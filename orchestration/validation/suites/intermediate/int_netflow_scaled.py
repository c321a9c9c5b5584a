"""Daily netflow beside supply, and what speaks against judging the day."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_netflow_scaled",
    key=("date", "exchange", "symbol"),
    slice=ChangedDays("date"),
    expectations=(
        between("coverage", 0, 1, why="a share of the day's blocks"),
        positive("circulating_supply", why="unknown is null; flows are divided by it"),
        filled("blocked", why="an empty text means nothing speaks against it"),
        one_of(
            "blocked",
            *("", "migration", "not valid yet", "chain not covered"),
            why="the known reasons against judging a day",
        ),
    ),
)
