"""Turning points compared at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_turning_points", ChangedDays("as_of_date"), to="turning_point_matches")
