"""Labelled wallets of every version of both lists."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, filled, matches, never, one_of

SUITE = Suite(
    "raw",
    "registry_wallets",
    key=("origin", "version", "chain", "address"),
    slice=NewBatches(),
    expectations=(
        matches("address", r"^0x[0-9a-f]{40}$", why="20 bytes in lower case, or joins on wallets miss"),
        one_of("kind", "exchange", "collateral", "supply", why="the three kinds of labels"),
        filled("known_from", why="a flow as it was known then needs the day on which a label became public"),
        filled("source", why="a label says where it comes from"),
        never("nobodys_wallet", "kind <> 'supply' and exchange is null", why="a wallet belongs to an exchange"),
        never("ends_before_it_begins", "valid_to <= valid_from", why="a validity has a length"),
    ),
)
