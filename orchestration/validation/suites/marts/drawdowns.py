"""How far are altcoins below their peak?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared import drawdown_rules

SUITE = Suite(
    "marts",
    "drawdowns",
    key=("date", "cap_tier", "universe"),
    slice=ChangedDays("date"),
    expectations=(*drawdown_rules(), never("day_after_the_night", "date > {night}", why="a night knows no later day")),
)
