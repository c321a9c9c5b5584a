"""The parts of the composite; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared_patterns import rotation_rules

SUITE = suite("intermediate", "int_rotation_components", ChangedDays("session_date"), rotation_rules())
