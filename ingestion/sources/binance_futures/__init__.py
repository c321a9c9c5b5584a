"""Binance's USD-M futures by REST: positioning of the last 30 days where the archive has gaps, and funding; keyless."""
