"""Coin Metrics community API: daily caps, supplies and aggregate exchange flows, keyless."""
