"""The daily composite and its record."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "rotation_signal",
    ChangedDays("session_date"),
    (
        never("nothing_without_reason", "composite is null and coalesce(reason, '') = ''", why="a null says why"),
        never("event_without_a_composite", "is_event and composite is null", why="an event is a crossing"),
        never("session_after_the_night", "session_date > {night}", why="a night knows no later session"),
        never(
            "composite_without_its_record",
            "composite is not null and record_events is null",
            why="nobody sees the composite without what it was worth",
        ),
    ),
)
