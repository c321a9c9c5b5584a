"""Every coin of the reference and of the newest ranking."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, measured, never

SUITE = suite(
    "marts",
    "assets",
    Whole(),
    (
        never("cap_after_the_night", "cap_date > {night}", why="a night knows no later day"),
        never("perpetual_not_said", "has_perpetual <> (perpetual is not null)", why="both columns say the same"),
        measured("coins", "select count(*) from {table}", 1, None, why="the reference alone has coins"),
    ),
)
