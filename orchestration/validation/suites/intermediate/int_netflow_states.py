"""States of accumulation and distribution, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import netflow_state_rules

SUITE = suite("intermediate", "int_netflow_states", ChangedDays("date"), netflow_state_rules())
