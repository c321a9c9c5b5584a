"""Is OTHERS/BTC at a support, and how far have its cycles gone?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared_patterns import others_btc_rules

SUITE = suite(
    "marts",
    "others_btc_cycles",
    ChangedDays("date"),
    (
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        *others_btc_rules(),
    ),
)
