"""The universe of the long-bias questions: one perpetual per coin, day and ratio kind."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, filled, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_coin_long_bias",
    key=("date", "coin_id", "ratio_kind"),
    slice=ChangedDays("date"),
    expectations=(
        filled("log_ratio", why="it is what is compared"),
        filled("log_cap", why="it is compared with the cap"),
        positive("ratio", why="its logarithm is taken"),
        positive("cap_rank", why="ranks count from one"),
        filled("provider", why="venues are told apart in every row"),
        filled("cap_tier", why="every coin of the universe has a tier"),
        one_of("cap_tier", "mega", "large", "mid", "small", "micro", why="the five tiers"),
    ),
)
