"""Does the long bias rise as caps fall?"""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never
from orchestration.validation.suites.shared import long_bias_trend_rules

SUITE = Suite(
    "marts",
    "long_bias_trend",
    key=("date", "ratio_kind"),
    slice=ChangedDays("date"),
    expectations=(
        *long_bias_trend_rules(),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
