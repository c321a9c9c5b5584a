"""Blockscout: token transfers from an indexer, where an Ethereum node does not give them; keyless."""
