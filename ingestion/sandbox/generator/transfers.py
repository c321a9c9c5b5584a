"""Token transfers on Ethereum: exchange wallets on one side, with accumulating and distributing tokens planted.

Belongs here: the chain's blocks, the transfers, and which token is in which state when.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingestion.sandbox import reference
from ingestion.sandbox.generator.coins import MIGRATED_FROM, MIGRATED_TO, Caps
from ingestion.sandbox.generator.size import Size, last_days
from ingestion.sandbox.generator.tables import Floats
from ingestion.sandbox.reference import Token

ACCUMULATED, DISTRIBUTED = ("ENJ", "FET", "LINK"), ("AXS", "JASMY")
REGIME_FROM, REGIME_CLEAR_FROM = np.datetime64("2026-01-02"), np.datetime64("2026-01-13")
# Basis points of circulating supply a day.
_NOISE_BP, _REGIME_BP, _REGIME_NOISE_BP, _GROSS_BP, _MIGRATED_BP = 0.3, 2.5, 0.4, 2.0, 0.0002
_POINTS_BEFORE_STATES = 75  # 60 days for the z, 14 for the window, and the day itself
_SLOT_SECONDS, _SLOTS_A_DAY, _MISSED = 12, 7200, 0.005
_FIRST_BLOCK_OF_2026 = 24_136_000
_OUTSIDE_ADDRESSES = 4000
_LOGS_A_BLOCK = 400
# A day's chance of a move between wallets of the exchange, and of one that touches none of them.
_INTERNAL_CHANCE, _FOREIGN_CHANCE = 0.3, 0.2
_KEPT_DIGITS = 4  # decimals of an amount that are planned; the rest are random digits


@dataclass(frozen=True)
class _Ends:
    wallets: NDArray[np.str_]
    wallet_weight: Floats
    outside: NDArray[np.str_]


def truth(size: Size, *, null: bool) -> dict[str, Any]:
    """The state of each token from day to day (both ends included), where it is clear of the thresholds."""
    window = last_days(size.transfer_days)
    first, last = str(window[_POINTS_BEFORE_STATES]), str(window[-1])
    states: dict[str, list[dict[str, str]]] = {}
    for token in chosen(size):
        state = _direction(token, null=null)
        if token.coin_id == MIGRATED_FROM:
            states[token.symbol] = [{"from": first, "to": last, "state": "UNKNOWN"}]
        elif state:
            states[token.symbol] = [
                {"from": first, "to": str(REGIME_FROM - 1), "state": "NEUTRAL"},
                {
                    "from": str(REGIME_CLEAR_FROM),
                    "to": last,
                    "state": "ACCUMULATION" if state < 0 else "DISTRIBUTION",
                },
            ]
        else:
            states[token.symbol] = [{"from": first, "to": last, "state": "NEUTRAL"}]
    return {
        "first_day": str(window[0]),
        "regime_from": None if null else str(REGIME_FROM),
        "regime_netflow_bp_a_day": 0.0 if null else _REGIME_BP,
        "states": states,
    }


def chosen(size: Size) -> list[Token]:
    """The tokens of this market; the planted ones come first in the reference."""
    return reference.tokens()[: size.tokens]


def rows(size: Size, caps: Caps, rng: np.random.Generator, *, null: bool) -> Iterator[dict[str, Any]]:
    """`token_transfers` in the order of the chain, a row group per 10 days."""
    tokens = chosen(size)
    window = last_days(size.transfer_days)
    netflow = {token.symbol: netflow_bp(token, window, rng, null=null) for token in tokens}
    supply = {
        token.symbol: caps.supply[
            -len(window) :, caps.column(MIGRATED_TO if token.coin_id == MIGRATED_FROM else token.coin_id)
        ]
        for token in tokens
    }
    ends = _ends(rng)
    days_before = int((np.datetime64("2026-01-01") - window[0]) / np.timedelta64(1, "D"))
    block = _FIRST_BLOCK_OF_2026 - round(days_before * _SLOTS_A_DAY * (1 - _MISSED))
    days: list[dict[str, Any]] = []
    for position, day in enumerate(window):
        slots = np.flatnonzero(rng.random(_SLOTS_A_DAY) >= _MISSED)
        parts = [_token_day(token, netflow[token.symbol][position], supply[token.symbol][position], ends, rng)
                 for token in tokens]  # fmt: skip
        days.append(_on_chain(parts, block, day, slots, rng))
        block += len(slots)
        if len(days) == 10 or position == len(window) - 1:  # noqa: PLR2004 - days in a row group
            yield {name: np.concatenate([part[name] for part in days]) for name in days[0]}
            days = []


def _direction(token: Token, *, null: bool) -> int:
    if null:
        return 0
    return -1 if token.symbol in ACCUMULATED else 1 if token.symbol in DISTRIBUTED else 0


def netflow_bp(token: Token, window: NDArray[np.datetime64], rng: np.random.Generator, *, null: bool) -> Floats:
    """The planned netflow of a token on each day of the window, in basis points of its circulating supply."""
    if token.coin_id == MIGRATED_FROM:
        return np.full(len(window), _MIGRATED_BP)
    flow = rng.normal(0, _NOISE_BP, len(window))
    direction = _direction(token, null=null)
    if direction:
        regime = window >= REGIME_FROM
        flow[regime] = direction * _REGIME_BP + rng.normal(0, _REGIME_NOISE_BP, int(regime.sum()))
    return flow


def _ends(rng: np.random.Generator) -> _Ends:
    wallets = np.array(reference.wallets())
    weight = np.where(np.isin(np.arange(len(wallets)), range(13, 18)), 8.0, 1.0)  # Binance 14 to 18 are the hot ones
    outside = np.array([f"0x{rng.bytes(20).hex()}" for _ in range(_OUTSIDE_ADDRESSES)])
    return _Ends(wallets, weight / weight.sum(), outside)


def _token_day(token: Token, net_bp: float, supply: float, ends: _Ends, rng: np.random.Generator) -> dict[str, Any]:
    """The transfers of one token and day; inflow minus outflow is exactly the planned netflow."""
    moving = token.coin_id != MIGRATED_FROM
    gross = _GROSS_BP * np.exp(rng.normal(0, 0.3)) if moving else 0.0
    count_in, count_out = (int(rng.integers(2, 6)), int(rng.integers(2, 6))) if moving else (1, 0)
    count_internal, count_foreign = (
        (int(rng.random() < _INTERNAL_CHANCE), int(rng.random() < _FOREIGN_CHANCE)) if moving else (0, 0)
    )
    amounts = [
        _split(gross + max(net_bp, 0.0), count_in, rng),
        _split(gross - min(net_bp, 0.0), count_out, rng),
        np.full(count_internal, 4 * gross),
        np.full(count_foreign, gross / 2),
    ]
    count = sum(map(len, amounts))
    wallet = rng.choice(ends.wallets, (2, count), p=ends.wallet_weight)
    outside = rng.choice(ends.outside, (2, count))
    leg = np.repeat(np.arange(4), [len(part) for part in amounts])
    from_wallet, to_wallet = np.isin(leg, (1, 2)), np.isin(leg, (0, 2))
    planned = np.rint(np.concatenate(amounts) / 1e4 * supply * 10**_KEPT_DIGITS).astype(np.int64)
    tail = token.decimals - _KEPT_DIGITS
    return {
        "contract": np.full(count, token.contract),
        "from_address": np.where(from_wallet, wallet[0], outside[0]),
        "to_address": np.where(to_wallet, wallet[1], outside[1]),
        "value_raw": np.array([f"{max(units, 1)}{rng.integers(10**tail):0{tail}d}" for units in planned], dtype=object),
    }


def _split(total: float, count: int, rng: np.random.Generator) -> Floats:
    if not count:
        return np.zeros(0)
    if count == 1:
        return np.array([max(total, _MIGRATED_BP)])
    share: Floats = rng.dirichlet(np.full(count, 2.0))
    return share * total


def _on_chain(
    parts: list[dict[str, Any]],
    first_block: int,
    day: np.datetime64,
    slots: NDArray[np.int64],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Put a day's transfers into its blocks; a slot without a block is a missed one."""
    columns = {name: np.concatenate([part[name].astype(object) for part in parts]) for name in parts[0]}
    count = len(columns["contract"])
    place = np.sort(rng.integers(0, len(slots), count))
    order = rng.permutation(count)
    within = np.arange(count) - np.searchsorted(place, place)
    start = day.astype("datetime64[us]")
    return {
        **{name: values[order] for name, values in columns.items()},
        "block_number": first_block + place,
        "block_time": start + slots[place] * np.timedelta64(_SLOT_SECONDS, "s"),
        "tx_hash": np.array([f"0x{rng.bytes(32).hex()}" for _ in range(count)], dtype=object),
        "log_index": within * _LOGS_A_BLOCK + rng.integers(0, _LOGS_A_BLOCK, count),
    }
