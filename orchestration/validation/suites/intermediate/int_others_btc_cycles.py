"""OTHERS against Bitcoin as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared_patterns import others_btc_rules

SUITE = suite("intermediate", "int_others_btc_cycles", ChangedDays("date"), others_btc_rules())
