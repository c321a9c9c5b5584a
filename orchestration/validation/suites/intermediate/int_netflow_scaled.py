"""Daily netflow beside supply, and what speaks against judging the day."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays

SUITE = suite("intermediate", "int_netflow_scaled", ChangedDays("date"), ())
