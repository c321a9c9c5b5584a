"""The wallets on Ethereum that Binance calls its own."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole

SUITE = suite("staging", "stg_binance_reserves__wallets", Whole())
