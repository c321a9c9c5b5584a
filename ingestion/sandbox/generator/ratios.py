"""Five-minute long/short ratios of the perpetuals, with the long bias planted on the log of the cap.

Belongs here: `derivatives_ratios` and its gradients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ingestion.sandbox import reference
from ingestion.sandbox.generator.coins import TIERS, Caps
from ingestion.sandbox.generator.size import Size
from ingestion.sandbox.generator.tables import Floats, significant
from ingestion.sandbox.reference import Perpetual

STEPS_A_DAY = 288
_DAYS_A_GROUP = 31
_OPEN_INTEREST_OF_CAP = 0.03
_CENTRE = 22.0  # ln USD, about 3.6 bn


@dataclass(frozen=True)
class Kind:
    """ln R = level + slope · (ln cap − centre) + coin + day + five minutes; the last three are standard deviations."""

    level: float
    slope: float
    coin: float
    day: float
    step: float


KINDS = {
    "global_account": Kind(0.35, -0.06, 0.10, 0.08, 0.02),
    "top_account": Kind(0.25, -0.03, 0.10, 0.08, 0.02),
    "top_position": Kind(0.20, 0.0, 0.15, 0.10, 0.02),
    "taker_volume": Kind(0.0, 0.0, 0.02, 0.05, 0.15),
}


@dataclass(frozen=True)
class _Contract:
    """One contract over some days: its open interest and price in USD, per day."""

    symbol: str
    usd: Floats
    price: Floats


def truth(*, null: bool) -> dict[str, Any]:
    """Change of ln R per unit of ln cap, and the level at the centre."""
    return {
        "centre_ln_cap": _CENTRE,
        "kinds": {
            name: {"level": 0.0 if null else kind.level, "slope": 0.0 if null else kind.slope}
            for name, kind in KINDS.items()
        },
    }


def chosen(size: Size) -> list[Perpetual]:
    """The contracts of this market: the first of each tier in turn, so that a small market has every tier too."""
    every = reference.perpetuals()
    tiers, start = [], 0
    for count, _, _ in TIERS:
        tiers.append(every[start : start + count])
        start += count
    ordered = [tier[n] for n in range(max(map(len, tiers))) for tier in tiers if n < len(tier)]
    kept = set(ordered[: size.perpetuals])
    return [perpetual for perpetual in every if perpetual in kept]


def rows(size: Size, caps: Caps, rng: np.random.Generator, *, null: bool) -> Iterator[dict[str, Any]]:
    """`derivatives_ratios`, a row group per contract and month; a label is the end of its five minutes."""
    contracts = chosen(size)
    columns = [caps.column(perpetual.coin_id) for perpetual in contracts]
    count = min(size.ratio_days, len(caps.days))
    cap = caps.price[-count:, columns] * caps.supply[-count:, columns]
    log_cap = np.log(cap)
    by_kind = {name: daily(kind, log_cap, rng, null=null) for name, kind in KINDS.items()}
    start = caps.days[-count].astype("datetime64[m]")
    for position, perpetual in enumerate(contracts):
        price = caps.price[-count:, columns[position]] * perpetual.coins_per_contract
        usd = cap[:, position] * _OPEN_INTEREST_OF_CAP
        for first in range(0, count, _DAYS_A_GROUP):
            span = slice(first, min(first + _DAYS_A_GROUP, count))
            logs = {name: values[span, position] for name, values in by_kind.items()}
            contract = _Contract(perpetual.symbol, usd[span], price[span])
            yield _group(contract, start + np.timedelta64(first, "D"), logs, rng)


def daily(kind: Kind, log_cap: Floats, rng: np.random.Generator, *, null: bool) -> Floats:
    """ln R per day and contract before the five-minute noise; `log_cap` has shape (days, contracts), in ln USD."""
    count, width = log_cap.shape
    coin: Floats = rng.normal(0, kind.coin, size=(width,))
    keep = 0.9
    day = np.empty((count, width))
    state = rng.normal(0, kind.day, width)
    for position in range(count):
        day[position] = state
        state = keep * state + np.sqrt(1 - keep**2) * rng.normal(0, kind.day, width)
    if null:
        return coin + day
    # What a coin has for itself must not lean on its cap, or one draw would move the planted slope for all days.
    middle: Floats = log_cap.mean(axis=0) - float(log_cap.mean())
    coin -= coin.mean()
    coin -= middle * (middle @ coin) / (middle @ middle)
    planted: Floats = kind.level + kind.slope * (log_cap - _CENTRE) + coin + day
    return planted


def _group(
    contract: _Contract, start: np.datetime64, logs: dict[str, Floats], rng: np.random.Generator
) -> dict[str, Any]:
    usd, price = contract.usd, contract.price
    steps = len(usd) * STEPS_A_DAY
    wander = np.cumsum(rng.normal(0, 0.002, steps))
    wander -= np.linspace(0, wander[-1], steps)
    held = significant(np.repeat(usd / price, STEPS_A_DAY) * np.exp(wander), 4)
    value = significant(held * np.repeat(price, STEPS_A_DAY), 5)
    ratios = [
        np.round(np.exp(np.repeat(log, STEPS_A_DAY) + rng.normal(0, KINDS[name].step, steps)), 3)
        for name, log in logs.items()
    ]
    kinds = len(ratios)
    return {
        "ts": np.tile(start + (np.arange(steps) + 1) * np.timedelta64(5, "m"), kinds),
        "symbol": _repeated([contract.symbol], np.zeros(steps * kinds, np.int32)),
        "ratio_kind": _repeated(list(logs), np.repeat(np.arange(kinds, dtype=np.int32), steps)),
        "ratio": np.concatenate(ratios),
        "open_interest": np.tile(held, kinds),
        "open_interest_usd": np.tile(value, kinds),
    }


def _repeated(values: list[str], index: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(values))
