"""What was asked of the chain, by day, leg and contract."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, between, matches, never, one_of

SUITE = Suite(
    "staging",
    "stg_ethereum__ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=TouchedBy("ethereum_ranges", column="day", raw_column="day"),
    expectations=(
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        matches("contract", r"^0x[0-9a-f]{40}$", why="contracts are joined in lower case"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
    ),
)
