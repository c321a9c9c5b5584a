"""Account shares by the hour, for days that Binance lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, never, one_of
from orchestration.validation.suites.deliveries import whole_days

SUITE = Suite(
    "raw",
    "bybit_account_ratio",
    key=("contract", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("period", "1h", why="days are made of hours"),
        between("buy_ratio", 0, 1, why="a share of the accounts", quarantine=True),
        between("sell_ratio", 0, 1, why="a share of the accounts", quarantine=True),
        never(
            "shares_are_not_the_whole",
            "abs(buy_ratio + sell_ratio - 1) > 0.011",
            why="an account is long or short; the venue rounds to two decimals or four",
            quarantine=True,
        ),
        whole_days(24, "contract"),
    ),
)
