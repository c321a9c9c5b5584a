"""Caps and ranks per day, from one provider per day."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_coin_caps",
    key=("date", "coin_id"),
    slice=ChangedDays("date"),
    expectations=(
        positive("market_cap_usd", why="its logarithm is taken"),
        positive("circulating_supply", why="flows are divided by it"),
        positive("cap_rank", why="ranks count from one"),
        one_of("provider", "coingecko", "coinmetrics", why="the two providers of caps"),
        one_of("cap_tier", "mega", "large", "mid", "small", "micro", why="the five tiers"),
        never("rank_without_cap", "cap_rank is not null and market_cap_usd is null", why="a rank is a rank of caps"),
        never("ranked_though_no_coin", "cap_rank is not null and asset_class <> 'coin'", why="only coins are ranked"),
        never(
            "day_with_two_providers",
            "date in (select date from {slice} group by date having count(distinct provider) > 1)",
            why="two providers' caps are never in one ranking",
        ),
        never(
            "rank_given_twice",
            "(date, cap_rank) in (select (date, cap_rank) from {slice} where cap_rank is not null "
            "group by date, cap_rank having count(*) > 1)",
            why="a rank belongs to one coin a day",
        ),
    ),
)
