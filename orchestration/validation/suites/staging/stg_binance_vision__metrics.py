"""Five-minute ratios, stamped at the start of their five minutes; impossible values are null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy, never

SUITE = suite(
    "staging",
    "stg_binance_vision__metrics",
    TouchedBy("binance_vision_metrics", column="file_date", raw_column="file_date"),
    (
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
