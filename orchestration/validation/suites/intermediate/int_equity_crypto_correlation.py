"""Rolling correlations, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import passed_on
from orchestration.validation.rules import ChangedDays

SUITE = passed_on("int_equity_crypto_correlation", ChangedDays("session_date"), to="equity_crypto_correlation")
