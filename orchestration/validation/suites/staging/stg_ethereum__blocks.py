"""The blocks of each UTC day. Small, and a new day closes the one before it: looked at whole."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "staging",
    "stg_ethereum__blocks",
    Whole(),
    (
        never(
            "day_of_impossible_length",
            # 7200 slots of twelve seconds; before the merge about 6400 blocks, and slots can be missed.
            "last_block - first_block not between 3000 and 7300",
            why="a day has at most 7200 slots, and a much shorter one has a wrong border",
        ),
    ),
)
