"""The event study as computed; the mart keeps it."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole
from orchestration.validation.suites.shared_patterns import event_study_rules

SUITE = Suite(
    "intermediate",
    "int_signal_event_study",
    key=(
        "evaluation_date",
        "signal",
        "horizon_sessions",
        "model",
    ),
    slice=Whole(),
    expectations=(*event_study_rules(),),
)
