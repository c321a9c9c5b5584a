"""Five-minute ratios by REST, for days that the archive lacks."""

from __future__ import annotations

from ingestion.sources.binance_futures.models import RATIOS
from orchestration.validation.dictionary import raw_suite
from orchestration.validation.rules import never
from orchestration.validation.suites.deliveries import whole_days
from orchestration.validation.suites.history import no_future

SUITE = raw_suite(
    RATIOS,
    no_future("timestamp"),
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
)
