"""Binance's REST API against its archive, where both have a day."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, never

SUITE = Suite(
    "intermediate",
    "int_ratio_agreement",
    key=("date", "perpetual", "ratio_kind"),
    slice=Whole(),
    expectations=(
        never(
            "rest_and_archive_disagree",
            "not agrees",
            why="they are one venue's samples; other values mean that labels moved in one, or that one was restated",
            severity="warning",
        ),
    ),
)
