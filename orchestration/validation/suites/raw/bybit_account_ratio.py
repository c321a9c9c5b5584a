"""Account shares by the hour, for days that Binance lacks."""

from __future__ import annotations

from ingestion.sources.bybit.models import ACCOUNT_RATIO
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    ACCOUNT_RATIO,
    no_future("timestamp"),
    never(
        "shares_are_not_the_whole",
        "abs(buy_ratio + sell_ratio - 1) > 0.011",
        why="an account is long or short; the venue rounds to two decimals or four",
        quarantine=True,
    ),
    whole_days(24, "contract"),
)
