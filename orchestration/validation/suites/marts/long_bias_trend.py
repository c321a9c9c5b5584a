"""Does the long bias rise as caps fall?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "long_bias_trend",
    ChangedDays("date"),
    (
        never(
            "nothing_without_reason",
            "jt_p_value is null and coalesce(reason, '') = ''",
            why="a null says why",
        ),
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
