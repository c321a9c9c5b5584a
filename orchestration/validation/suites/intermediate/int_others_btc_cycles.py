"""OTHERS against Bitcoin as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_others_btc_cycles", ChangedDays("date"), to="others_btc_cycles")
