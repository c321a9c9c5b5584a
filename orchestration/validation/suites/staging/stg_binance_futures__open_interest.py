"""Open interest, one side of all positions; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_binance_futures__open_interest",
    TouchedBy("binance_futures_open_interest", column="sampled_at", raw_column="timestamp"),
    (),
)
