"""Daily means of the five-minute ratios."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, never, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_daily_ratios",
    key=("date", "perpetual", "ratio_kind"),
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
        between("n_samples", 1, 289, why="288 five-minute samples a day, one more where labels moved"),
        never("log_is_not_of_ratio", "abs(log_ratio - ln(ratio)) > 1e-9", why="both columns say the same"),
        filled("coin_id", why="a perpetual without its coin is left out of every question", severity="info"),
    ),
)
