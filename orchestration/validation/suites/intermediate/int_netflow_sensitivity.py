"""States under other thresholds, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import Whole

SUITE = passed_on("int_netflow_sensitivity", Whole(), to="netflow_sensitivity")
