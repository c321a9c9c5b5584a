"""Five-minute ratios by REST; what is not positive is null by now."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_binance_futures__ratios",
    TouchedBy("binance_futures_ratios", column="labelled_at", raw_column="timestamp"),
    (),
)
