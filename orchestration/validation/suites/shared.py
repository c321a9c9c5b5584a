"""Rules that several marts of one shape share.

Belongs here: rules used by two suites or more. The suite still says what is special about its table.
"""

from __future__ import annotations

from orchestration.validation.rules import Expectation, never


def claim_rules() -> tuple[Expectation, ...]:
    """The rules of every table that has the shape of `marts.claims`."""
    return (
        never("interval_backwards", "ci_low > ci_high", why="an interval has a lower and an upper end"),
        never(
            "value_of_an_untestable_claim",
            "verdict = 'not_testable' and p_value is not null",
            why="what could not be tested has no p-value",
        ),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    )
