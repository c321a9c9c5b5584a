"""How far are altcoins below their peak?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never

SUITE = suite(
    "marts",
    "drawdowns",
    ChangedDays("date"),
    (
        never(
            "quantiles_backwards", "drawdown_p10 > drawdown_p50 or drawdown_p50 > drawdown_p90", why="quantiles rise"
        ),
        never("more_dead_than_coins", "n_dead > n", why="the dead are among the coins"),
        never("dead_among_survivors", "universe = 'survivors' and n_dead > 0", why="survivors live"),
        never("nothing_without_reason", "share_80_to_90 is null and coalesce(reason, '') = ''", why="a null says why"),
        measured(
            "tiers_hold_no_more_coins_than_all",
            "select max(t.n - a.n) from (select date, universe, sum(n) as n from {slice} where cap_tier <> 'all' "
            "group by all) as t join (select date, universe, n from {slice} where cap_tier = 'all') as a "
            "using (date, universe)",
            None,
            0,
            why="a coin is in one tier",
            severity="critical",
        ),
        never("day_after_the_night", "date > {night}", why="a night knows no later day"),
    ),
)
