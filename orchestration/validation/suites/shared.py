"""Rules that tables of one shape share: marts, and what is judged before a mart keeps it.

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


def event_study_rules() -> tuple[Expectation, ...]:
    """The rules of every table that has the shape of `marts.signal_event_study`."""
    return (
        never("more_measured_than_there_are", "n_measured + n_pending > n_events", why="a part is not the whole"),
        never("adjusted_below_the_plain", "p_holm < p_value - 1e-12", why="Holm makes no test easier"),
        never("nothing_without_reason", "p_value is null and coalesce(reason, '') = ''", why="a null says why"),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    )
