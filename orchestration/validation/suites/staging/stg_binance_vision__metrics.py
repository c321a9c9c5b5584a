"""Five-minute ratios, stamped at the start of their five minutes; impossible values are null by now."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, never, one_of, positive

_RATIOS = ("global_account_ratio", "top_account_ratio", "top_position_ratio", "taker_volume_ratio")

SUITE = Suite(
    "staging",
    "stg_binance_vision__metrics",
    key=("perpetual", "file_date", "bucket_start"),
    slice=TouchedBy("binance_vision_metrics", column="file_date", raw_column="file_date"),
    expectations=(
        *(positive(ratio, why="its logarithm is taken") for ratio in _RATIOS),
        positive("open_interest_usd", why="no open interest is null, not zero"),
        one_of("label_convention", "start", "end", why="what the archive's stamp named"),
        never(
            "bucket_outside_its_file",
            # A label at midnight that is moved to its bucket's start falls five minutes before its file.
            "bucket_start not between file_date - interval 5 minute and file_date + interval 1 day",
            why="a daily file holds one UTC day",
        ),
        never(
            "bucket_off_the_grid",
            "bucket_start <> time_bucket(interval 5 minute, bucket_start)",
            why="the archive samples every five minutes",
            severity="warning",
        ),
    ),
)
