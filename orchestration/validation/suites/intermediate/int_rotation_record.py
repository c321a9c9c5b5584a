"""What followed earlier events of the composite."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays

SUITE = suite("intermediate", "int_rotation_record", ChangedDays("session_date"), ())
