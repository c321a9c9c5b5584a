"""Open interest by the hour, for days that Binance lacks."""

from __future__ import annotations

from ingestion.sources.okx.models import OPEN_INTEREST
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    OPEN_INTEREST,
    no_future("timestamp"),
    whole_days(24, "contract"),
)
