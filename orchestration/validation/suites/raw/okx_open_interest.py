"""Open interest by the hour, for days that Binance lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, one_of
from orchestration.validation.suites.deliveries import whole_days

SUITE = Suite(
    "raw",
    "okx_open_interest",
    key=("contract", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("period", "1H", why="days open at UTC+8: they are made of hours"),
        between("open_interest", 0, None, why="open contracts are counted from zero", quarantine=True),
        between("open_interest_coins", 0, None, why="the coins in them too", quarantine=True),
        between("open_interest_usd", 0, None, why="their value too", quarantine=True),
        whole_days(24, "contract"),
    ),
)
