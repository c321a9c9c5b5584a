"""Does a token leave the exchange or arrive there?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.history import stale

SUITE = suite(
    "marts",
    "accumulation_distribution",
    ChangedDays("date"),
    (
        never(
            "unknown_without_reason",
            "state = 'UNKNOWN' and coalesce(state_reason, '') = ''",
            why="what is not known says why",
        ),
        never(
            "flow_beyond_supply",
            "abs(netflow_bp_supply) > 10000",
            why="no more than the whole supply can move in a day; check decimals and supply",
            severity="warning",
        ),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        stale("date", "date", 3, why="chains are read every night, and the vendors' flows are a day or two behind"),
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
