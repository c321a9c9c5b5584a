"""What followed earlier events of the composite."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_rotation_record", ChangedDays("session_date"), to="rotation_signal")
