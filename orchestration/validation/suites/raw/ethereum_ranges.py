"""What was asked of the chain and answered: the difference between no transfers and not fetched."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, never, one_of

SUITE = Suite(
    "raw",
    "ethereum_ranges",
    key=("day", "leg", "contract", "from_block"),
    slice=NewBatches(),
    expectations=(
        one_of("leg", "in", "out", why="towards the exchange or away from it"),
        never("range_backwards", "to_block < from_block", why="a range ends at or after its start"),
        between("logs", 0, None, why="answered logs are counted from zero"),
        filled("wallet_set", why="a range counts only for the wallets it was asked for"),
    ),
)
