"""Ratios by the hour; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, positive

SUITE = Suite(
    "staging",
    "stg_okx__ratios",
    key=("contract", "ratio_kind", "labelled_at"),
    slice=TouchedBy("okx_ratios", column="labelled_at", raw_column="timestamp"),
    expectations=(positive("ratio", why="its logarithm is taken"),),
)
