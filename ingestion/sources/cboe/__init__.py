"""Cboe's public files: daily bars of SPY, IWM and the S&P 500, and closes of two indices; keyless and undocumented."""
