"""Which daily files are there: what an incremental model asks before it touches millions of rows."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_binance_vision__metric_files",
    TouchedBy("binance_vision_metrics", column="file_date", raw_column="file_date"),
    (),
)
