"""Five-minute derivatives metrics from the archive. A ratio may be missing; it is never negative."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, measured, never, one_of

_RATIOS = (
    "count_toptrader_long_short_ratio",
    "sum_toptrader_long_short_ratio",
    "count_long_short_ratio",
    "sum_taker_long_short_vol_ratio",
)

SUITE = Suite(
    "raw",
    "binance_vision_metrics",
    key=("symbol", "file_date", "create_time"),
    slice=NewBatches(),
    expectations=(
        one_of("label_convention", "start", "end", why="the stamp names the start or the end of its five minutes"),
        *(
            between(ratio, 0, 10_000, why="longs over shorts, both counted from zero", quarantine=True)
            for ratio in _RATIOS
        ),
        between("sum_open_interest", 0, None, why="open contracts are counted from zero", quarantine=True),
        between("sum_open_interest_value", 0, None, why="their value too", quarantine=True),
        never(
            "stamp_outside_its_file",
            "create_time < file_date or create_time > file_date + interval 1 day + interval 5 minute",
            why="a daily file holds one UTC day",
            quarantine=True,
        ),
        measured(
            "days_since_newest_file",
            "select {night} - max(file_date) from {table}",
            None,
            2,
            why="the archive adds a day every day",
        ),
    ),
)
