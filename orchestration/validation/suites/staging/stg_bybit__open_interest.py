"""Open interest, one side of all positions; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_bybit__open_interest",
    TouchedBy("bybit_open_interest", column="sampled_at", raw_column="timestamp"),
    (),
)
