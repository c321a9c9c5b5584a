"""Ethereum's JSON-RPC: token transfers of labelled exchange wallets, by UTC day."""
