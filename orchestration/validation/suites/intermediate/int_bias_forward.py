"""What follows the long bias."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never, one_of

SUITE = Suite(
    "intermediate",
    "int_bias_forward",
    key=(
        "date",
        "outcome",
        "horizon_days",
    ),
    slice=ChangedDays("date"),
    expectations=(
        one_of("outcome", "volatility", "return", why="the two outcomes"),
        one_of("horizon_days", 1, 5, 20, why="the three horizons"),
        between("n", 10, None, why="a slope needs ten coins"),
        never("negative_volatility", "outcome = 'volatility' and base < 0", why="a spread is not negative"),
    ),
)
