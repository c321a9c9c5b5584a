"""Every coin of the reference and of the newest ranking."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, filled, measured, never, one_of, positive

SUITE = Suite(
    "marts",
    "assets",
    key=("coin_id",),
    slice=Whole(),
    expectations=(
        filled("symbol", why="a coin has a ticker"),
        one_of(
            "asset_class",
            *("coin", "stablecoin", "wrapped", "liquid_staking", "tokenised_asset"),
            why="only a coin counts in ranks and tiers",
        ),
        one_of("cap_tier", "mega", "large", "mid", "small", "micro", why="the five tiers"),
        one_of("netflow_coverage", "full", "partial", "none", why="how much of the token's flow its chain shows"),
        positive("cap_rank", why="ranks count from one"),
        positive("market_cap_usd", why="unknown is null"),
        never("cap_after_the_night", "cap_date > {night}", why="a night knows no later day"),
        never("perpetual_not_said", "has_perpetual <> (perpetual is not null)", why="both columns say the same"),
        measured("coins", "select count(*) from {table}", 1, None, why="the reference alone has coins"),
    ),
)
