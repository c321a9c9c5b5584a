"""Is OTHERS/BTC at a support, and how far have its cycles gone?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "others_btc_cycles",
    ChangedDays("date"),
    (
        never("date_after_the_night", "date > {night}", why="a night knows no later day"),
        never("nothing_without_reason", "ratio is null and coalesce(reason, '') = ''", why="a null says why"),
        never("zone_backwards", "support_low > support_high", why="a zone has a lower and an upper end"),
        never("zone_too_wide", "support_high > support_low * 1.08 * (1 + 1e-9)", why="its lows lie within 8 %"),
        never("zone_from_the_future", "support_since > date", why="a zone is shown from the day it was known"),
        never(
            "inside_and_not_between",
            "is_in_support <> (ratio >= support_low * (1 - 1e-9) and ratio <= support_high * (1 + 1e-9))",
            why="both say the same",
        ),
        never("trough_from_the_future", "trough_date > date", why="a trough is known later than it is"),
    ),
)
