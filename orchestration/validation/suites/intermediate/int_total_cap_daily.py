"""The daily total cap, from one provider for the whole series."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.history import stale

SUITE = suite(
    "intermediate",
    "int_total_cap_daily",
    ChangedDays("date"),
    (
        never("part_above_total", "total_ex_btc_usd > total_cap_usd", why="a part is not more than the whole"),
        measured(
            "days_missing_inside",
            "select max(date) - min(date) + 1 - count(*) from {table}",
            0,
            0,
            why="a market that never closes has a total every day; a missing one costs two returns",
        ),
        stale("day", "date", 1, why="a total comes every night"),
        measured(
            "providers",
            "select count(distinct provider) from {table}",
            0,
            1,
            why="two providers in one series make a jump that no market made",
            severity="critical",
        ),
    ),
)
