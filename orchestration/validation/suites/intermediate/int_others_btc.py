"""OTHERS against Bitcoin before anything is read from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared_patterns import others_rules

SUITE = suite("intermediate", "int_others_btc", ChangedDays("date"), others_rules())
