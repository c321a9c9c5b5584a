"""The addresses that Binance publishes as its proof of reserves."""

from __future__ import annotations

from ingestion.sources.binance_reserves.models import ADDRESSES
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never

SUITE = raw_suite(
    ADDRESSES,
    never(
        "no_address_of_ethereum",
        "network = 'ETH' and not regexp_full_match(address, '0x[0-9a-f]{40}')",
        why="an address of Ethereum is 20 bytes in lower case, or no transfer is ever found for it",
        quarantine=True,
    ),
)
