"""Levels that forecasts are about."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_forecast_levels",
    key=(
        "asset",
        "date",
    ),
    slice=Whole(),
    expectations=(
        one_of("asset", "total_cap", "total_ex_btc", "others_btc", "^RUT", why="what levels are known of"),
        positive("level", why="caps, prices and ratios are above zero"),
    ),
)
