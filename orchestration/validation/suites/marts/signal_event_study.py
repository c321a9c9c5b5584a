"""What follows a signal?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared_patterns import event_study_rules

SUITE = suite(
    "marts",
    "signal_event_study",
    ChangedDays("evaluation_date"),
    (
        *event_study_rules(),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    ),
)
