"""The first block of each UTC day: the borders between which a day's transfers are asked for."""

from __future__ import annotations

from ingestion.sources.ethereum.models import BLOCKS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.history import stale

SUITE = raw_suite(
    BLOCKS,
    stale("day", "day", 1, why="a day has a block every twelve seconds"),
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
)
