"""What the smaller coins do against Bitcoin: OTHERS in planted cycles, many of the smallest fallen and still down.

Belongs here: both paths and their truth. Which coins there are, and what they are worth, belongs to coins.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingestion.sandbox.generator.tables import Floats

FIRST_RANK, LAST_RANK = 11, 125
# Dates, and OTHERS over the price of Bitcoin in units of its troughs: rises of 115 % and 130 %, then back at support.
_CORNERS = (
    ("2022-12-01", 1.6),
    ("2023-03-15", 1.0),
    ("2023-12-20", 2.15),
    ("2025-02-20", 1.0),
    ("2025-07-10", 2.3),
    ("2026-01-05", 1.0),
    ("2026-01-30", 1.03),
)
_NOISE, _CALM_DAYS = 0.008, 15  # less noise towards a turn, so that no day passes it
_OF_NATURAL = 0.6  # the last corner in units of what the usual caps add up to: room for a peak beside the largest
_MOST = 3.0  # log factor between which the group is scaled
_STEPS = 45  # of the bisection: 6 / 2^45 is below what a price is rounded to
_SMALLEST_USD = 1.75e8  # the cap at rank 200: coins below it may be among the fallen
_FALLEN_OF_SMALLEST = 0.8
_PEAK, _BOTTOM = np.datetime64("2025-07-10"), np.datetime64("2026-01-05")
_RISE_DAYS = 220
_DEEP, _DEEPER, _DEEPER_SHARE = (0.815, 0.875), (0.91, 0.94), 0.05


@dataclass(frozen=True)
class Group:
    """What the scaled coins share a day with. `others` are caps in USD of coins that are not scaled, (days, coins)."""

    weight: Floats
    rest: Floats  # weights of what takes part in the pot beside these, (days,)
    pot: Floats
    others: Floats
    is_scaled: NDArray[np.bool_]


def planted_ratio(days: NDArray[np.datetime64], natural: float, rng: np.random.Generator) -> Floats:
    """OTHERS over the price of Bitcoin on each day; `natural` is that of usual caps on the last one."""
    dates = np.array([date for date, _ in _CORNERS], dtype="datetime64[D]")
    number = (days - dates[0]).astype(float)
    turns = (dates - dates[0]).astype(float)
    path = np.interp(number, turns, np.log([height for _, height in _CORNERS]))
    distance = np.abs(number[:, None] - turns).min(axis=1)
    noise = rng.normal(0, _NOISE, len(days)) * np.minimum(distance / _CALM_DAYS, 1)
    ratio: Floats = _OF_NATURAL * natural / _CORNERS[-1][1] * np.exp(path + noise)
    return ratio


def others(group: Group, factor: Floats) -> Floats:
    """The summed cap of ranks 11 to 125 per day when the group's coins weigh `factor` (days,) times as much."""
    weight = np.where(group.is_scaled, group.weight * factor[:, None], group.weight)
    cap = group.pot[:, None] * weight / (weight.sum(axis=1) + group.rest)[:, None]
    every = np.sort(np.concatenate([cap, group.others], axis=1), axis=1)[:, ::-1]
    total: Floats = every[:, FIRST_RANK - 1 : LAST_RANK].sum(axis=1)
    return total


def factor(group: Group, wanted: Floats) -> Floats:
    """What the group must weigh more on each day (days,) for OTHERS to be worth `wanted` USD."""
    low, high = np.full((2, len(wanted)), _MOST) * [[-1], [1]]
    for _ in range(_STEPS):
        middle = (low + high) / 2
        short = others(group, np.exp(middle)) < wanted
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    found: Floats = np.exp((low + high) / 2)
    return found


def fallen(weight: Floats, may_fall: NDArray[np.bool_], rng: np.random.Generator) -> tuple[NDArray[np.int64], Floats]:
    """Which of the smallest coins fall, and how far below their peak they end."""
    small = np.flatnonzero(may_fall & (weight > 0) & (weight < _SMALLEST_USD))
    chosen = small[rng.random(len(small)) < _FALLEN_OF_SMALLEST]
    deep, deeper = rng.uniform(*_DEEP, len(chosen)), rng.uniform(*_DEEPER, len(chosen))
    return chosen, np.where(rng.random(len(chosen)) < _DEEPER_SHARE, deeper, deep)


def fall(days: NDArray[np.datetime64], drawdown: Floats, rng: np.random.Generator) -> Floats:
    """Prices (days, coins) of coins that peak together and lose `drawdown` (coins,), in units of where they end."""
    to_peak = (days - _PEAK).astype(float)
    height = np.interp(to_peak, [-float(_RISE_DAYS), 0.0, float((_BOTTOM - _PEAK).astype(int))], [0.0, 1.0, 0.0])
    calm = np.minimum(np.minimum(np.abs(to_peak), np.abs((days - _BOTTOM).astype(float)) + 2) / _CALM_DAYS, 1)
    noise = rng.normal(0, _NOISE, (len(days), len(drawdown))) * calm[:, None]
    path: Floats = np.exp(-np.log1p(-drawdown) * height[:, None] + noise)
    return path


def truth(days: NDArray[np.datetime64], coins: dict[str, float], *, null: bool) -> dict[str, Any]:
    """The planted cycles whose trough lies inside the market, and the coins that fell."""
    turns = [(date, height) for date, height in _CORNERS if np.datetime64(date) > days[0]]
    cycles = [
        {"trough": low, "peak": high, "gain": top / bottom - 1}
        for (low, bottom), (high, top) in pairwise(turns)
        if top > 2 * bottom
    ]
    return {
        "others_btc": {"membership": "daily_ranks", "denominator": "btc_price", "cycles": [] if null else cycles},
        "fallen": {"peak": str(_PEAK), "bottom": str(_BOTTOM), "drawdown": {} if null else coins},
    }
