"""Five-minute ratios by REST, for days that the archive lacks."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, never, one_of
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.shared import RATIO_KINDS

SUITE = Suite(
    "raw",
    "binance_futures_ratios",
    key=("symbol", "ratio_kind", "period", "timestamp"),
    slice=NewBatches(),
    expectations=(
        one_of("ratio_kind", *RATIO_KINDS, why="four different ratios, never blended"),
        one_of("period", "5m", why="the archive's own five minutes"),
        one_of("label_convention", "start", "end", why="the stamp names the start or the end of its five minutes"),
        between("ratio", 0, 10_000, why="longs over shorts, both counted from zero", quarantine=True),
        never(
            "ratio_is_not_that_of_its_shares",
            # Shares have four decimals: half a unit of the last one moves the quotient by this much.
            "abs(ratio - long_share / short_share) > 0.0001 + ratio * (0.0001 / long_share + 0.0001 / short_share)",
            why="a long/short ratio is the quotient of its shares; an example of the documentation is not",
            quarantine=True,
        ),
        never(
            "ratio_is_not_that_of_its_volumes",
            "abs(ratio - buy_volume / sell_volume) > 0.0001 + 0.01 * ratio",
            why="a taker ratio is buys over sells",
            quarantine=True,
        ),
        whole_days(
            288,
            "symbol",
            "ratio_kind",
            day="cast(case label_convention when 'end' then timestamp - interval 1 minute else timestamp end as date)",
        ),
    ),
)
