"""Asset metrics of dropped files; a wrong file is set aside as a whole."""

from __future__ import annotations

from ingestion.sources.coinmetrics.models import METRICS
from orchestration.validation.rules import NewBatches, Suite, between, one_of

SUITE = Suite(
    "raw",
    "inbox_asset_metrics",
    key=("asset", "date", "metric"),
    slice=NewBatches(),
    expectations=(
        one_of("metric", *METRICS, why="the metrics that are read"),
        between(
            "value",
            0,
            None,
            why="prices, caps, supplies and gross flows are not negative",
            quarantine=True,
            max_share=1.0,
        ),
    ),
)
