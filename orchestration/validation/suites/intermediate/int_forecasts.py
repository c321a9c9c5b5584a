"""Forecasts before they are judged."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, filled, one_of, positive

SUITE = Suite(
    "intermediate",
    "int_forecasts",
    key=("forecast_id",),
    slice=Whole(),
    expectations=(
        one_of("asset", "total_cap", "total_ex_btc", "others_btc", "^RUT", why="what levels are known of"),
        filled("source", why="a forecast is somebody's"),
        filled("target_return", why="a forecast names a rise"),
        positive("horizon_days", why="a horizon lies ahead"),
    ),
)
