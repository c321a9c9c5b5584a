"""How much of each contract's day was asked in both legs."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays

SUITE = suite("intermediate", "int_netflow_coverage", ChangedDays("date"), ())
