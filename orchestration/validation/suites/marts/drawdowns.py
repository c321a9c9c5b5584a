"""How far are altcoins below their peak?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import drawdown_rules

SUITE = suite(
    "marts",
    "drawdowns",
    ChangedDays("date"),
    (*drawdown_rules(), never("day_after_the_night", "date > {night}", why="a night knows no later day")),
)
