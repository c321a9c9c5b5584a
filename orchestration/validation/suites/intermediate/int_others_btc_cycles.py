"""OTHERS against Bitcoin as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite
from orchestration.validation.suites.shared_patterns import others_btc_rules

SUITE = Suite(
    "intermediate",
    "int_others_btc_cycles",
    key=(
        "date",
        "membership",
        "denominator",
    ),
    slice=ChangedDays("date"),
    expectations=(*others_btc_rules(),),
)
