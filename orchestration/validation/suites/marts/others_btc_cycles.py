"""Is OTHERS/BTC at a support, and how far have its cycles gone?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared_patterns import others_btc_rules

SUITE = Suite(
    "marts",
    "others_btc_cycles",
    key=(
        "date",
        "membership",
        "denominator",
    ),
    slice=ChangedDays("date"),
    expectations=(
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        *others_btc_rules(),
    ),
)
