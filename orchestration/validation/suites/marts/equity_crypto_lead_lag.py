"""Who leads, equities or crypto?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "equity_crypto_lead_lag",
    ChangedDays("as_of_date"),
    (
        never("band_backwards", "band_low > band_high", why="a band has a lower and an upper end"),
        never(
            "band_and_p_disagree",
            "(abs(correlation) > band_high and p_value > 0.06) or (abs(correlation) < band_high and p_value < 0.04)",
            why="what lies beyond the 95 % band has a p below 5 %, give or take the ties",
        ),
        never("nothing_without_reason", "correlation is null and coalesce(reason, '') = ''", why="a null says why"),
        never("date_after_the_night", "as_of_date > {night}", why="a night knows no later session"),
    ),
)
