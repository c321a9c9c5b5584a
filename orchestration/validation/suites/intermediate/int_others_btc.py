"""OTHERS against Bitcoin before anything is read from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared_patterns import others_rules

SUITE = Suite(
    "intermediate",
    "int_others_btc",
    key=(
        "date",
        "membership",
        "denominator",
    ),
    slice=ChangedDays("date"),
    expectations=(*others_rules(),),
)
