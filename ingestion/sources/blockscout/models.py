"""Rows of the indexer, in the shape of those read from a node."""

from __future__ import annotations

from dataclasses import replace

from ingestion.sources.ethereum import models as ethereum

# All transfers of a contract, also those that touch no wallet: the indexer filters by one address at a time only.
TRANSFERS = replace(ethereum.TRANSFERS, name="blockscout_transfers")
# Both legs at once: whoever has all transfers of a range has those to and from any wallet.
RANGES = replace(ethereum.RANGES, name="blockscout_ranges")
