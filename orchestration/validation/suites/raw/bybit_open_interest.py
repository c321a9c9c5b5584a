"""Open interest by the hour, for days that Binance lacks."""

from __future__ import annotations

from ingestion.sources.bybit.models import OPEN_INTEREST
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    OPEN_INTEREST,
    no_future("timestamp"),
    never(
        "one_side_is_not_half",
        # The venue rounds the half to a whole number in some contracts.
        "abs(open_interest - 2 * single_open_interest) > 2 + 0.001 * open_interest",
        why="both sides are twice one side: the venue's own definition has changed where they are not",
        severity="warning",
    ),
    whole_days(24, "contract"),
)
