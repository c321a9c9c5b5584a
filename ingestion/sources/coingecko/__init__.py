"""CoinGecko: snapshots of the largest coins and of the total, keyless."""
