"""The daily composite and its record."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never
from orchestration.validation.suites.shared_patterns import rotation_rules

SUITE = Suite(
    "marts",
    "rotation_signal",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=(
        *rotation_rules(),
        *(between(f"{name}_share_positive", 0, 1, why="a share") for name in ("record", "record_base")),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        never(
            "composite_without_its_record",
            "composite is not null and record_events is null",
            why="nobody sees the composite without what it was worth",
        ),
    ),
)
