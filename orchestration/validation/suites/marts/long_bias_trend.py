"""Does the long bias rise as caps fall?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never
from orchestration.validation.suites.shared import long_bias_trend_rules

SUITE = suite(
    "marts",
    "long_bias_trend",
    ChangedDays("date"),
    (
        *long_bias_trend_rules(),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
