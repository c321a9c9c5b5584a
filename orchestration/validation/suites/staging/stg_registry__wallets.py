"""The labels in force."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, filled, matches, never, one_of

SUITE = Suite(
    "staging",
    "stg_registry__wallets",
    key=("chain", "address"),
    slice=Whole(),
    expectations=(
        matches("address", r"^0x[0-9a-f]{40}$", why="addresses are joined in lower case"),
        one_of("kind", "exchange", "collateral", "supply", why="the three kinds of labels"),
        filled("known_from", why="a flow as it was known then needs it"),
        never("ends_before_it_begins", "valid_to <= valid_from", why="a validity has a length"),
    ),
)
