"""The wallets that Binance itself publishes as its proof of reserves."""
