"""Open interest by the hour, for days that Binance lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, never, one_of
from orchestration.validation.suites.deliveries import whole_days

SUITE = Suite(
    "raw",
    "bybit_open_interest",
    key=("contract", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("period", "1h", why="days are made of hours"),
        between("open_interest", 0, None, why="open contracts are counted from zero", quarantine=True),
        between("single_open_interest", 0, None, why="one side of them too", quarantine=True),
        never(
            "one_side_is_not_half",
            # The venue rounds the half to a whole number in some contracts.
            "abs(open_interest - 2 * single_open_interest) > 2 + 0.001 * open_interest",
            why="both sides are twice one side: the venue's own definition has changed where they are not",
            severity="warning",
        ),
        whole_days(24, "contract"),
    ),
)
