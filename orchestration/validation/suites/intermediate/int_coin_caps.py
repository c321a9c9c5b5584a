"""Caps and ranks per day, from one provider per day."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.history import level_as_usual, rows_as_usual, stale

# Two providers list other coins: a day is compared with days of its own.
_SAME_PROVIDER = "provider = (select max_by(provider, date) from {table} where date <= {night})"

SUITE = suite(
    "intermediate",
    "int_coin_caps",
    ChangedDays("date"),
    (
        never("rank_without_cap", "cap_rank is not null and market_cap_usd is null", why="a rank is a rank of caps"),
        never("ranked_though_no_coin", "cap_rank is not null and asset_class <> 'coin'", why="only coins are ranked"),
        never(
            "day_with_two_providers",
            "date in (select date from {slice} group by date having count(distinct provider) > 1)",
            why="two providers' caps are never in one ranking",
        ),
        never(
            "rank_given_twice",
            "(date, cap_rank) in (select (date, cap_rank) from {slice} where cap_rank is not null "
            "group by date, cap_rank having count(*) > 1)",
            why="a rank belongs to one coin a day",
        ),
        measured(
            # Older caps are of month-ends.
            "days_missing_of_ninety",
            "select max(date) - min(date) + 1 - count(distinct date) from {table} where date > {night} - 90",
            0,
            0,
            why="coins trade every day; a day without caps is left out of every ranking",
        ),
        stale("day", "date", 2, why="ranks and tiers of today need caps of today"),
        rows_as_usual("date", _SAME_PROVIDER),
        # A cap that has no logarithm is refused by its bound; here it would be an error.
        level_as_usual("ln(case when market_cap_usd > 0 then market_cap_usd end)", "date", _SAME_PROVIDER),
    ),
)
