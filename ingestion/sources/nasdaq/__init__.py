"""Nasdaq's site API: daily bars of the two funds, keyless and undocumented."""
