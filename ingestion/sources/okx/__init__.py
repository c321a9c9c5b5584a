"""OKX's USDT swaps: long/short ratios, taker volume, open interest and funding, where Binance has gaps; keyless."""
