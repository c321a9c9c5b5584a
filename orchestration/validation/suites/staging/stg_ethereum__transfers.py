"""Transfers of labelled wallets, in lower case and with their amounts still exact."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, filled, matches

_ADDRESS = r"^0x[0-9a-f]{40}$"

SUITE = Suite(
    "staging",
    "stg_ethereum__transfers",
    key=("transaction_hash", "log_index"),
    slice=TouchedBy("ethereum_transfers", column="transaction_hash", raw_column="transaction_hash"),
    expectations=(
        filled("block_number", why="the block dates the transfer"),
        *(
            matches(column, _ADDRESS, why="addresses are joined in lower case")
            for column in ("contract", "from_address", "to_address")
        ),
        filled("value_raw", why="a transfer has an amount"),
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number"),
    ),
)
