"""Open interest, one side of all positions; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy, positive

SUITE = Suite(
    "staging",
    "stg_binance_futures__open_interest",
    key=("contract", "sampled_at"),
    slice=TouchedBy("binance_futures_open_interest", column="sampled_at", raw_column="timestamp"),
    expectations=(positive("open_interest", why="no open interest is null, not zero"),),
)
