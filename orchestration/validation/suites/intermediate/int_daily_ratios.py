"""Daily means of the ratios, each coin's from one provider."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, filled, measured, never
from orchestration.validation.suites.history import level_as_usual, rows_as_usual

SUITE = suite(
    "intermediate",
    "int_daily_ratios",
    ChangedDays("date"),
    (
        never(
            "log_is_not_of_ratio",
            # A ratio that has no logarithm is refused by its bound; here it would be an error.
            "abs(log_ratio - ln(case when ratio > 0 then ratio end)) > 1e-9",
            why="both columns say the same",
        ),
        measured(
            "coins_with_two_venues",
            "select count(*) from (select 1 from {slice} where coin_id is not null "
            "group by date, coin_id, ratio_kind having count(distinct provider) > 1)",
            0,
            0,
            why="two venues are never blended in one coin's ratio of a day",
            severity="critical",
        ),
        rows_as_usual("date"),
        level_as_usual("log_ratio", "date"),
        measured(
            "share_sufficient_on_the_newest_day",
            "select avg(is_sufficient::integer) from {table} where date = (select max(date) from {table})",
            0.8,
            None,
            why="a day with too few samples is left out of every question",
        ),
        filled("coin_id", why="a perpetual without its coin is left out of every question", severity="info"),
    ),
)
