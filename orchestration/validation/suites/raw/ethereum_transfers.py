"""ERC-20 transfers to or from labelled exchange wallets. Amounts are uint256 in decimal digits, kept as text."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, matches, never, positive

_ADDRESS = r"^0x[0-9a-f]{40}$"

SUITE = Suite(
    "raw",
    "ethereum_transfers",
    key=("transaction_hash", "log_index"),
    slice=NewBatches(),
    expectations=(
        matches("transaction_hash", r"^0x[0-9a-f]{64}$", why="32 bytes in lower case", quarantine=True),
        *(
            matches(column, _ADDRESS, why="20 bytes in lower case, or joins on wallets miss", quarantine=True)
            for column in ("contract", "from_address", "to_address")
        ),
        between("log_index", 0, None, why="logs are numbered from zero", quarantine=True),
        positive("block_number", why="blocks are numbered from one", quarantine=True),
        # 78 digits hold 2^256 - 1
        matches("value_raw", r"^(?:0|[1-9][0-9]{0,77})$", why="an amount is an unsigned whole number", quarantine=True),
        never(
            "addresses_missing",
            "contract is null or from_address is null or to_address is null or value_raw is null",
            why="a transfer has a token, two sides and an amount",
            quarantine=True,
        ),
    ),
)
