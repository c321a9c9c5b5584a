"""Does a token leave the exchange or arrive there?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.shared import netflow_state_rules

SUITE = suite(
    "marts",
    "accumulation_distribution",
    ChangedDays("date"),
    (
        *netflow_state_rules(),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        measured(
            "share_of_unknown_on_the_newest_day",
            "select avg(case when state = 'UNKNOWN' then 1 else 0 end) from {table} "
            "where date = (select max(date) from {table})",
            0,
            0.9,
            why="where nearly nothing is known, look at coverage and wallet labels",
        ),
    ),
)
