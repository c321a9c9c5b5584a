"""Daily means of the ratios, each coin's from one provider."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, measured, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_daily_ratios",
    key=("date", "provider", "perpetual", "ratio_kind"),
    slice=ChangedDays("date"),
    expectations=(
        one_of(
            "ratio_kind",
            *("global_account", "top_account", "top_position", "taker_volume"),
            why="four different ratios, never blended",
        ),
        filled("ratio", why="a day without samples has no row"),
        positive("ratio", why="its logarithm is taken"),
        between("coverage", 0, 1, why="a share of the day"),
        between("n_samples", 1, 289, why="288 five-minute samples a day at most, one more where labels moved"),
        never("log_is_not_of_ratio", "abs(log_ratio - ln(ratio)) > 1e-9", why="both columns say the same"),
        measured(
            "coins_with_two_venues",
            "select count(*) from (select 1 from {slice} where coin_id is not null "
            "group by date, coin_id, ratio_kind having count(distinct provider) > 1)",
            0,
            0,
            why="two venues are never blended in one coin's ratio of a day",
            severity="critical",
        ),
        filled("coin_id", why="a perpetual without its coin is left out of every question", severity="info"),
    ),
)
