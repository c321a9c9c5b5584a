"""How much of each contract's day was asked in both legs."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured

SUITE = suite(
    "intermediate",
    "int_netflow_coverage",
    ChangedDays("date"),
    (
        measured(
            "coverage_of_the_newest_day",
            "select avg(coverage) from {table} where date = (select max(date) from {table})",
            0.8,
            None,
            why="below four fifths a day is UNKNOWN; no provider answered for most of it",
        ),
    ),
)
