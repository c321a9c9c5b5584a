"""Rows read from the chain. Addresses and hashes are lower-case hex with 0x."""

from __future__ import annotations

from ingestion.warehouse.columns import ADDRESS, TRANSACTION, UINT256, count, day, moment, text
from ingestion.warehouse.raw import RawTable

BLOCKS = RawTable(
    "ethereum_blocks",
    {
        "day": day("UTC day."),
        "first_block": count("block number", "First block at or after 00:00 UTC.", required=True, above=0),
        "first_block_time": moment("Its time."),
    },
    ("day",),
)
TRANSFERS = RawTable(
    "ethereum_transfers",
    {
        "transaction_hash": text("Transaction of the transfer.", pattern=TRANSACTION),
        "log_index": count("position", "Position of its log in the block.", kind="integer", low=0),
        "block_number": count("block number", "Block of the transaction.", above=0),
        "contract": text("Contract of the token.", pattern=ADDRESS),
        "from_address": text("Sender.", pattern=ADDRESS),
        "to_address": text("Receiver.", pattern=ADDRESS),
        "value_raw": text("Amount in the token's base units: a uint256, too large for a number.", pattern=UINT256),
    },
    ("transaction_hash", "log_index"),
)
# What was asked and answered: `logs` transfers of `contract` in these blocks (both included) with a wallet of
# `wallet_set` (a hash of the addresses) on the receiving side (`leg` in) or the sending side (out). The set is part of
# the key: labels may go back to what they were, and what was asked for those holds again.
RANGES = RawTable(
    "ethereum_ranges",
    {
        "day": day("UTC day the range was asked for."),
        "leg": text("in asks for transfers to the wallets, out for transfers from them.", "in", "out"),
        "contract": text("Contract of the token."),
        "from_block": count("block number", "First block asked."),
        "to_block": count("block number", "Last block asked."),
        "wallet_set": text("Hash of the addresses that were asked for."),
        "logs": count("transfers", "How many transfers came back.", low=0),
    },
    ("day", "leg", "contract", "from_block", "wallet_set"),
)
