"""Which daily files are there: what an incremental model asks before it touches millions of rows."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, filled

SUITE = Suite(
    "staging",
    "stg_binance_vision__metric_files",
    key=("perpetual", "file_date"),
    slice=TouchedBy("binance_vision_metrics", column="file_date", raw_column="file_date"),
    expectations=(
        filled("_batch_id", why="incremental models compare it"),
        filled("_known_at", why="a file without its moment cannot be dated"),
    ),
)
