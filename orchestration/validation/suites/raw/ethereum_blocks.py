"""The first block of each UTC day: the borders between which a day's transfers are asked for."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, filled, never, positive

SUITE = Suite(
    "raw",
    "ethereum_blocks",
    key=("day",),
    slice=NewBatches(),
    expectations=(
        filled("first_block", why="without it the day cannot be asked for", quarantine=True),
        positive("first_block", why="blocks are numbered from one", quarantine=True),
        never(
            "block_not_at_midnight",
            # A block every twelve seconds, and the chain has missed a few in a row before; ten minutes is a wrong one.
            "first_block_time < day or first_block_time > day + interval 10 minute",
            why="the first block of a day is minted right after midnight UTC",
        ),
        never(
            "blocks_out_of_order",
            "exists (select 1 from {table} as other "
            "where other.day < {slice}.day and other.first_block >= {slice}.first_block)",
            why="later days have higher blocks",
        ),
    ),
)
