"""Cross-correlations at month-ends, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_equity_crypto_lead_lag", ChangedDays("as_of_date"), to="equity_crypto_lead_lag")
