"""The daily composite and its record."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared_patterns import rotation_rules

SUITE = suite(
    "marts",
    "rotation_signal",
    ChangedDays("session_date"),
    (
        *rotation_rules(),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        never(
            "composite_without_its_record",
            "composite is not null and record_events is null",
            why="nobody sees the composite without what it was worth",
        ),
    ),
)
