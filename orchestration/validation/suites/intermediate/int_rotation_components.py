"""The parts of the composite; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_rotation_components", ChangedDays("session_date"), to="rotation_signal")
