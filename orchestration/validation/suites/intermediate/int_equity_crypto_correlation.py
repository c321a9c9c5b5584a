"""Rolling correlations, as computed; the mart copies what changed."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays
from orchestration.validation.suites.shared import correlation_rules

SUITE = suite("intermediate", "int_equity_crypto_correlation", ChangedDays("session_date"), correlation_rules())
