"""The blocks of each UTC day. Small, and a new day closes the one before it: looked at whole."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, filled, never

SUITE = Suite(
    "staging",
    "stg_ethereum__blocks",
    key=("day",),
    slice=Whole(),
    expectations=(
        filled("first_block", why="a day begins with a block"),
        never("day_backwards", "last_block < first_block", why="a day ends after it began"),
        never(
            "day_of_impossible_length",
            # 7200 slots of twelve seconds; before the merge about 6400 blocks, and slots can be missed.
            "last_block - first_block not between 3000 and 7300",
            why="a day has at most 7200 slots, and a much shorter one has a wrong border",
        ),
    ),
)
