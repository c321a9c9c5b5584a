"""How large a generated market is, and from when to when it runs.

Belongs here: sizes and dates that several files share. Planted effects belong to the module that plants them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

LAST_DAY = date(2026, 1, 30)
YEAR_END = date(2025, 12, 31)


@dataclass(frozen=True)
class Size:
    """The size of a market; all of it ends on `LAST_DAY`.

    first_day: of equities, caps, klines and BTC/ETH flows. filler_coins: coins beside the named ones of the reference.
    perpetuals, tokens: how many of the reference, in its order but spread over all tiers. ratio_days, transfer_days:
    history of five-minute ratios and of token transfers.
    """

    first_day: date = date(2022, 12, 1)
    filler_coins: int = 222
    perpetuals: int = 76
    ratio_days: int = 152
    tokens: int = 41
    transfer_days: int = 230


DEMO = Size()
SMALL = Size(first_day=date(2024, 6, 3), perpetuals=12, ratio_days=20, tokens=12, transfer_days=150)


def days(first: date, last: date = LAST_DAY) -> NDArray[np.datetime64]:
    """All UTC days from `first` to `last`, both included."""
    return np.arange(np.datetime64(first, "D"), np.datetime64(last, "D") + 1)


def last_days(count: int) -> NDArray[np.datetime64]:
    """The last `count` days of the market."""
    return days(LAST_DAY - timedelta(days=count - 1))
