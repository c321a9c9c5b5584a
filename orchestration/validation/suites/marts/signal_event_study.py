"""What follows a signal?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared_patterns import event_study_rules

SUITE = Suite(
    "marts",
    "signal_event_study",
    key=(
        "evaluation_date",
        "signal",
        "horizon_sessions",
        "model",
    ),
    slice=ChangedDays("evaluation_date"),
    expectations=(
        *event_study_rules(),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    ),
)
