"""Funding settlements, named by their minute."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import TouchedBy

SUITE = suite(
    "staging",
    "stg_binance_futures__funding",
    TouchedBy("binance_futures_funding", column="settled_at", raw_column="funding_minute"),
)
