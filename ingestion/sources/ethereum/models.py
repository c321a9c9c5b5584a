"""Rows read from the chain. Addresses and hashes are lower-case hex with 0x."""

from __future__ import annotations

from ingestion.warehouse.raw import RawTable

# `first_block` is the first block at or after 00:00 UTC of `day`.
BLOCKS = RawTable(
    "ethereum_blocks", {"day": "date", "first_block": "bigint", "first_block_time": "timestamptz"}, ("day",)
)
# `value_raw` is the amount in the token's base units: decimal digits of a uint256, too large for a number.
TRANSFERS = RawTable(
    "ethereum_transfers",
    {
        "transaction_hash": "varchar",
        "log_index": "integer",
        "block_number": "bigint",
        "contract": "varchar",
        "from_address": "varchar",
        "to_address": "varchar",
        "value_raw": "varchar",
    },
    ("transaction_hash", "log_index"),
)
# What was asked and answered: `logs` transfers of `contract` in these blocks (both included) with a wallet of
# `wallet_set` (a hash of the addresses) on the receiving side (`leg` in) or the sending side (out).
RANGES = RawTable(
    "ethereum_ranges",
    {
        "day": "date",
        "leg": "varchar",
        "contract": "varchar",
        "from_block": "bigint",
        "to_block": "bigint",
        "wallet_set": "varchar",
        "logs": "bigint",
    },
    ("day", "leg", "contract", "from_block"),
)
