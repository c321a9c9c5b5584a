"""How much do accumulation and distribution hang on the thresholds?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, measured, never

SUITE = suite(
    "marts",
    "netflow_sensitivity",
    Whole(),
    (
        measured(
            "main_rules_of_a_token_beside_one",
            "select max(abs(main - 1)) from (select count(*) filter (is_main_rule) as main from {slice} "
            "group by exchange, symbol) as rules",
            None,
            0,
            why="every token has one main rule among the others",
        ),
        never(
            "main_rule_not_as_itself",
            "is_main_rule and share_as_main_rule <> 1",
            why="the main rule agrees with itself on every day",
        ),
        never(
            "more_days_in_states_than_judged",
            "days_accumulation + days_distribution > days_judged",
            why="a day is in one state, and neutral days are judged, too",
        ),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later day"),
    ),
)
