"""Ratios and taker volumes by the hour, for days that Binance lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, never, one_of
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.shared import RATIO_KINDS

SUITE = Suite(
    "raw",
    "okx_ratios",
    key=("contract", "ratio_kind", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("ratio_kind", *RATIO_KINDS, why="four different ratios, never blended"),
        one_of("period", "1H", why="days open at UTC+8: they are made of hours"),
        between("ratio", 0, 10_000, why="longs over shorts, both counted from zero", quarantine=True),
        between("buy_volume_usd", 0, None, why="volumes are counted from zero", quarantine=True),
        between("sell_volume_usd", 0, None, why="volumes are counted from zero", quarantine=True),
        never(
            "stamp_off_the_hour",
            "date_trunc('hour', timestamp) <> timestamp",
            why="a row of another period would count as an hour",
            quarantine=True,
        ),
        whole_days(24, "contract", "ratio_kind"),
    ),
)
