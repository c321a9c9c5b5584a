"""States of accumulation and distribution, as computed; the mart selects from it."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_netflow_states", ChangedDays("date"), to="accumulation_distribution")
