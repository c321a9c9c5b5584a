"""Binance's public archive: derivatives ratios and spot bars as zipped CSV, keyless, a day late."""
