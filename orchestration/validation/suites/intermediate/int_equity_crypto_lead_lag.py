"""Cross-correlations at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import lead_lag_rules

SUITE = suite("intermediate", "int_equity_crypto_lead_lag", ChangedDays("as_of_date"), lead_lag_rules())
