"""What followed earlier events of the composite."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between

SUITE = Suite(
    "intermediate",
    "int_rotation_record",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=(
        between("record_events", 0, None, why="events are counted from zero"),
        *(between(f"{name}_share_positive", 0, 1, why="a share") for name in ("record", "record_base")),
    ),
)
