"""Binance's REST API against its archive, where both have a day."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "intermediate",
    "int_ratio_agreement",
    Whole(),
    (
        never(
            "rest_and_archive_disagree",
            "not agrees",
            why="they are one venue's samples; other values mean that labels moved in one, or that one was restated",
            severity="warning",
        ),
    ),
)
