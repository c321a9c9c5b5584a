"""Bybit's linear perpetuals: account ratio, open interest and funding, where Binance has gaps; keyless."""
