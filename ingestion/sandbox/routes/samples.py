"""What the derivatives venues share: samples of `derivatives_ratios` on a coarser grid, newest first.

A market's `ts` is the end of its five minutes; on a grid of hours it is the moment at which a venue samples.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from ingestion.sandbox.market import Market

_SQL = """
SELECT epoch_ms(ts), max(ratio) FILTER (ratio_kind = $kind), max(open_interest), max(open_interest_usd)
FROM derivatives_ratios
WHERE symbol = $symbol AND ts >= $first AND ts <= $last AND epoch_ms(ts) % $step = 0
GROUP BY ts
HAVING $kind IS NULL OR max(ratio) FILTER (ratio_kind = $kind) IS NOT NULL
ORDER BY ts DESC
LIMIT $limit
"""


class Sample(NamedTuple):
    """One moment (ms) of one perpetual: the ratio of one kind, open interest in base units and in USD, one side."""

    stamp: int
    ratio: float
    held: float | None
    held_usd: float | None


def samples(
    market: Market, symbol: str, kind: str | None, span: tuple[datetime, datetime], *, minutes: int, limit: int | None
) -> list[Sample]:
    """The newest `limit` samples of a window (both ends included) every `minutes`; without a kind, open interest."""
    rows = market.rows(
        _SQL, symbol=symbol, kind=kind, first=span[0], last=span[1], step=minutes * 60_000, limit=limit
    )  # fmt: skip
    return [Sample(*row) for row in rows]


def perpetuals(market: Market) -> frozenset[str]:
    """The perpetuals of which a market has anything."""
    return frozenset(symbol for (symbol,) in market.rows("SELECT DISTINCT symbol FROM derivatives_ratios"))


def parts(ratio: float) -> tuple[float, float]:
    """A market has ratios and no counts: the two parts of one whose quotient is the ratio."""
    return ratio / (1 + ratio), 1 / (1 + ratio)
