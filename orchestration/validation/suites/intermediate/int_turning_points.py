"""Turning points compared at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import turning_rules

SUITE = suite("intermediate", "int_turning_points", ChangedDays("as_of_date"), turning_rules())
