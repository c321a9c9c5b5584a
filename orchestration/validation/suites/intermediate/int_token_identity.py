"""Which coin a contract stands for, and when."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, between, filled, matches, never

SUITE = Suite(
    "intermediate",
    "int_token_identity",
    key=("contract",),
    slice=Whole(),
    expectations=(
        matches("contract", r"^0x[0-9a-f]{40}$", why="contracts are joined in lower case"),
        filled("coin_id", why="a contract stands for a coin"),
        filled("decimals", why="amounts are divided by it"),
        between("decimals", 0, 36, why="no token has more; one too many is a factor of ten"),
        never("ends_before_it_begins", "valid_to <= valid_from", why="a validity has a length"),
    ),
)
