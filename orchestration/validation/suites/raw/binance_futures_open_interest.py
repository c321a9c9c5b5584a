"""Open interest by REST, for days that the archive lacks. Zero is a known defect of this provider."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, never, one_of
from orchestration.validation.suites.deliveries import whole_days

SUITE = Suite(
    "raw",
    "binance_futures_open_interest",
    key=("symbol", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("period", "5m", why="the archive's own five minutes"),
        between("sum_open_interest", 0, None, why="open contracts are counted from zero", quarantine=True),
        between("sum_open_interest_value", 0, None, why="their value too", quarantine=True),
        never(
            "nobody_holds_a_contract",
            "sum_open_interest = 0",
            why="a listed contract has positions; zero is read as unknown",
            severity="warning",
        ),
        whole_days(288, "symbol", day="cast(timestamp - interval 1 minute as date)"),
    ),
)
