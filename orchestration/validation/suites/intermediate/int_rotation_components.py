"""The parts of the composite; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared_patterns import rotation_rules

SUITE = Suite(
    "intermediate",
    "int_rotation_components",
    key=("session_date",),
    slice=ChangedDays("session_date"),
    expectations=rotation_rules(),
)
