"""Five-minute ratios by REST; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, positive

SUITE = Suite(
    "staging",
    "stg_binance_futures__ratios",
    key=("contract", "ratio_kind", "labelled_at"),
    slice=TouchedBy("binance_futures_ratios", column="labelled_at", raw_column="timestamp"),
    expectations=(positive("ratio", why="its logarithm is taken"),),
)
