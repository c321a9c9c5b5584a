"""Funding settlements, named by their minute."""

from __future__ import annotations

from orchestration.validation.rules import Suite, TouchedBy

SUITE = Suite(
    "staging",
    "stg_okx__funding",
    key=("contract", "settled_at"),
    slice=TouchedBy("okx_funding", column="settled_at", raw_column="funding_minute"),
)
