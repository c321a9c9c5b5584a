"""Cycles as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole
from orchestration.validation.suites.shared_patterns import cycle_gain_rules

SUITE = suite("intermediate", "int_others_btc_cycle_gains", Whole(), cycle_gain_rules())
