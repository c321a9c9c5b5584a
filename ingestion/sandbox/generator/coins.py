"""Daily caps of every coin: the named ones of the reference spread over all tiers, the rest labelled as made up.

Belongs here: caps, prices and supplies per day, and the bars of the coins that have klines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingestion.sandbox import reference
from ingestion.sandbox.generator import altcoins
from ingestion.sandbox.generator.crypto import HOURS_A_DAY, Crypto
from ingestion.sandbox.generator.size import Size, days
from ingestion.sandbox.generator.tables import Floats, significant
from ingestion.sandbox.reference import Coin

MIGRATED_FROM, MIGRATED_TO, MIGRATION_DAY = "matic-network", "polygon-ecosystem-token", np.datetime64("2024-09-04")
BAR_COINS = {
    "BTCUSDT": "bitcoin",
    "ETHUSDT": "ethereum",
    "SOLUSDT": "solana",
    "XRPUSDT": "ripple",
    "BNBUSDT": "binancecoin",
    "DOGEUSDT": "dogecoin",
}
# The ranks that the perpetuals of each tier are spread over; the count is how many of them, in the reference's order.
TIERS = ((8, 4, 10), (20, 12, 47), (20, 54, 146), (14, 157, 290), (14, 308, 384))
# Cap in USD by rank, read off a market of January 2026 and interpolated on logarithms.
_CAP_AT_RANK = {
    1: 1.8e12,
    2: 3.7e11,
    4: 1.2e11,
    6: 7.4e10,
    9: 2.2e10,
    12: 1.3e10,
    20: 5.5e9,
    50: 1.5e9,
    100: 5.2e8,
    150: 2.9e8,
    200: 1.75e8,
    300: 8.2e7,
    400: 4.2e7,
    800: 8e6,
}
_LISTED_SHARE = 0.985  # the rest of the total belongs to coins outside the list
_PRICE_DIGITS = 9
_NAMED_FIRST, _LAST_NAMED = 30, 330
_LARGE_USD = 2e10
_BITCOIN_SUPPLY = (19.226e6, 19.982e6)
# Dollar-like coins and gold: supply in units at the start and at the end, price in USD at the start and at the end.
_PEGGED = {
    "tether": (65.3e9, 186.8e9, 1.0, 1.0),
    "usd-coin": (43.1e9, 75.2e9, 1.0, 1.0),
    "dai": (5.2e9, 4.4e9, 1.0, 1.0),
    "paxos-standard": (7.5e8, 4.1e7, 1.0, 1.0),
    "pax-gold": (2.75e5, 3.9e5, 1790.0, 4610.0),
}
_ON_BITCOIN = {"wrapped-bitcoin": 1.26e5}
_ON_ETHER = {"staked-ether": 4.1e6, "weth": 3.1e6}
_SUPPLY = {
    "ethereum": 120.69e6,
    "ripple": 60.6e9,
    "binancecoin": 137.7e6,
    "solana": 564e6,
    "dogecoin": 152.3e9,
    "cardano": 36.4e9,
    "tron": 94.7e9,
    "chainlink": 708e6,
    "enjincoin": 1.93e9,
    "fetch-ai": 2.31e9,
    "axie-infinity": 168e6,
    "jasmycoin": 49.44e9,
    "polygon-ecosystem-token": 10.55e9,
    "shiba-inu": 589.2e12,
    "pepe": 420.7e12,
    "bonk": 88.0e12,
    "floki": 9.54e12,
    "gala": 46.8e9,
    "uniswap": 633e6,
    "aave": 15.2e6,
    "the-graph": 10.7e9,
    "chiliz": 10.2e9,
    "tellor": 2.7e6,
    "litecoin": 76.7e6,
    "bitcoin-cash": 19.98e6,
}


@dataclass(frozen=True)
class Caps:
    """Days × coins; a coin is one column, and a migrated coin changes its name on the migration day."""

    days: NDArray[np.datetime64]
    coins: list[Coin]
    price: Floats
    supply: Floats
    bars: dict[str, Floats]  # hourly closes per bar symbol, item h is h hours after the first day 00:00 UTC
    truth: dict[str, Any]

    @property
    def cap(self) -> Floats:
        return np.round(self.price * self.supply, 2)

    def column(self, coin_id: str) -> int:
        return next(position for position, coin in enumerate(self.coins) if coin.coin_id == coin_id)


def make(size: Size, crypto: Crypto, rng: np.random.Generator, *, null: bool) -> Caps:
    """Prices and supplies of every coin and day, adding up to a little less than the total."""
    all_days = days(size.first_day)
    at_close = np.arange(1, len(all_days) + 1) * HOURS_A_DAY
    coins, base = _slots(size)
    column = {coin.coin_id: position for position, coin in enumerate(coins)}
    price, supply = np.empty((2, len(all_days), len(coins)))
    years = (all_days - all_days[-1]) / np.timedelta64(365, "D")
    growth = rng.uniform(0, 0.04, len(coins))
    end_supply = np.array([_SUPPLY.get(coin.coin_id) or 10 ** rng.uniform(7.5, 9.8) for coin in coins])
    supply[:] = np.round(end_supply * np.exp(np.outer(years, growth)))
    bitcoin = column["bitcoin"]
    supply[:, bitcoin] = np.round(np.linspace(*_BITCOIN_SUPPLY, len(all_days)))
    hourly_supply = np.concatenate([supply[:1, bitcoin], np.repeat(supply[:, bitcoin], HOURS_A_DAY)])
    btc_hourly = significant(crypto.total_usd * crypto.dominance / hourly_supply, _PRICE_DIGITS)
    price[:, bitcoin] = btc_hourly[at_close]
    listed = crypto.total_usd * (1 - crypto.dominance) * _LISTED_SHARE
    pegged = _fill_pegged(price, supply, column, price[:, bitcoin], rng)
    fallen, drawdown = altcoins.fallen(base, _may_fall(coins) & (not null), rng)
    price[:, fallen] = significant(
        base[fallen] / end_supply[fallen] * altcoins.fall(all_days, drawdown, rng), _PRICE_DIGITS
    )
    base[fallen] = 0.0
    given = pegged + (price[:, fallen] * supply[:, fallen]).sum(axis=1)
    pot = listed - np.interp(np.arange(len(listed)), np.concatenate([[0], at_close]), np.append(given[0], given))
    weight, on_ether = _weights(base, len(all_days), column, supply, rng)
    if not null:
        group = altcoins.Group(
            weight[:, base > 0],
            weight[:, column["ethereum"]] * on_ether,
            pot[at_close],
            price[:, [bitcoin, *fallen]] * supply[:, [bitcoin, *fallen]],
            base[base > 0] < _LARGE_USD,
        )
        natural = altcoins.others(group, np.ones(len(all_days)))[-1] / price[-1, bitcoin]
        wanted = altcoins.planted_ratio(all_days, natural, rng) * price[:, bitcoin]
        weight[:, (base > 0) & (base < _LARGE_USD)] *= altcoins.factor(group, wanted)[:, None]
    share = weight / (weight.sum(axis=1) + weight[:, column["ethereum"]] * on_ether)[:, None]
    free = [position for position in range(len(coins)) if base[position] > 0]
    price[:, free] = significant(pot[at_close, None] * share[:, free] / supply[:, free], _PRICE_DIGITS)
    for coin_id in _ON_ETHER:
        price[:, column[coin_id]] = price[:, column["ethereum"]]
    bars = {"BTCUSDT": btc_hourly}
    for symbol, coin_id in BAR_COINS.items():
        if coin_id != "bitcoin":
            position = column[coin_id]
            bars[symbol] = _hourly(pot, share[:, position], supply[:, position], price[:, position], rng)
    fell = {coins[at].coin_id: round(float(by), 6) for at, by in zip(fallen, drawdown, strict=True)}
    return Caps(all_days, coins, price, supply, bars, altcoins.truth(all_days, fell, null=null))


def rows(caps: Caps) -> Iterator[dict[str, Any]]:
    """`coin_caps`, one row group per 30 days; the rank is that day's."""
    migrated = caps.column(MIGRATED_TO)
    before = next(coin for coin in reference.coins() if coin.coin_id == MIGRATED_FROM)
    all_caps = caps.cap
    for start in range(0, len(caps.days), 30):
        group: dict[str, list[Any]] = {
            name: []
            for name in (
                "date",
                "coin_id",
                "symbol",
                "name",
                "rank",
                "price_usd",
                "market_cap_usd",
                "circulating_supply",
            )
        }
        for day in range(start, min(start + 30, len(caps.days))):
            coins = list(caps.coins)
            if caps.days[day] < MIGRATION_DAY:
                coins[migrated] = before
            order = np.argsort(-all_caps[day], kind="stable")
            group["date"].append(np.repeat(caps.days[day], len(order)))
            group["rank"].append(np.arange(1, len(order) + 1))
            for name, values in (
                ("price_usd", caps.price),
                ("market_cap_usd", all_caps),
                ("circulating_supply", caps.supply),
            ):
                group[name].append(values[day, order])
            for name in ("coin_id", "symbol", "name"):
                group[name].append(np.array([getattr(coins[position], name) for position in order], dtype=object))
        yield {name: np.concatenate(parts) for name, parts in group.items()}


def total_rows(caps: Caps, crypto: Crypto) -> Iterator[dict[str, Any]]:
    """`total_cap` at midnight UTC after each day."""
    at_close = np.arange(1, len(caps.days) + 1) * HOURS_A_DAY
    yield {
        "date": caps.days,
        "total_cap_usd": np.round(crypto.total_usd[at_close], 2),
        "btc_dominance_pct": np.round(100 * crypto.dominance[at_close], 6),
    }


def bar_rows(caps: Caps, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """`crypto_bars`: hourly bars and the daily bars made of them, a row group per symbol and interval."""
    start = caps.days[0].astype("datetime64[us]")
    for symbol, closes in caps.bars.items():
        count = len(closes) - 1
        opened, close = closes[:-1], closes[1:]
        high = significant(np.maximum(opened, close) * (1 + np.abs(rng.normal(0, 0.0012, count))), _PRICE_DIGITS)
        low = significant(np.minimum(opened, close) * (1 - np.abs(rng.normal(0, 0.0012, count))), _PRICE_DIGITS)
        volume = np.round(4e7 / close.mean() * np.exp(rng.normal(0, 0.5, count)), 5)
        day = (-1, HOURS_A_DAY)
        for interval, hours, columns in (
            ("1h", 1, (opened, high, low, close, volume)),
            (
                "1d",
                HOURS_A_DAY,
                (
                    opened.reshape(day)[:, 0],
                    high.reshape(day).max(axis=1),
                    low.reshape(day).min(axis=1),
                    close.reshape(day)[:, -1],
                    np.round(volume.reshape(day).sum(axis=1), 5),
                ),
            ),
        ):
            length = len(columns[0])
            yield {
                "symbol": [symbol] * length,
                "open_time": start + np.arange(length) * np.timedelta64(hours, "h"),
                "interval": [interval] * length,
                **dict(zip(("open", "high", "low", "close", "volume"), columns, strict=True)),
            }


def _slots(size: Size) -> tuple[list[Coin], Floats]:
    """Every coin and its weight among the freely priced ones; 0 for those whose price or share is given."""
    given = {*_PEGGED, *_ON_BITCOIN, *_ON_ETHER, "bitcoin"}
    named = [coin for coin in reference.coins() if coin.coin_id != MIGRATED_FROM]
    with_perpetual = [perpetual.coin_id for perpetual in reference.perpetuals()]
    rank_of: dict[str, float] = {}
    start = 0
    for count, first, last in TIERS:
        for coin_id, rank in zip(with_perpetual[start : start + count], np.linspace(first, last, count), strict=False):
            rank_of[coin_id] = float(round(rank))
        start += count
    rank_of |= {"ethereum": 2, "ripple": 4, "binancecoin": 5, "solana": 6, "tron": 8, "dogecoin": 9, "cardano": 11}
    other = [coin.coin_id for coin in named if coin.coin_id not in rank_of and coin.coin_id not in given]
    fillers = [
        Coin(f"sandbox-coin-{200 + n}", f"SBX{200 + n}", f"Sandbox Coin {200 + n}", "coin")
        for n in range(1, size.filler_coins + 1)
    ]
    taken = set(rank_of.values())
    left = [float(rank) for rank in range(12, 12 + len(other) + len(fillers) + len(taken)) if rank not in taken]
    left = left[: len(other) + len(fillers)]
    # Made-up coins only where nobody looks for a name: the first places that are left belong to named ones.
    first, last = min(_NAMED_FIRST, len(other)), min(len(left) - 1, _LAST_NAMED)
    places = [*range(first), *np.linspace(first, last, len(other) - first).astype(int)]
    for coin_id, place in zip(other, places, strict=True):
        rank_of[coin_id] = left[place]
    rest = [rank for rank in left if rank not in set(rank_of.values())]
    rank_of |= {coin.coin_id: rank for coin, rank in zip(fillers, rest, strict=True)}
    coins = [*named, *fillers]
    ranks = np.array([rank_of.get(coin.coin_id, 0.0) for coin in coins])
    weight = cap_at_rank(np.maximum(ranks, 1))
    free = np.array([coin.coin_id not in given for coin in coins])
    return coins, np.where(free, weight, 0.0)


def cap_at_rank(ranks: Floats) -> Floats:
    """A usual cap in USD for each rank, which need not be whole."""
    known = np.log(np.array(list(_CAP_AT_RANK)))
    caps: Floats = np.exp(np.interp(np.log(ranks), known, np.log(np.array(list(_CAP_AT_RANK.values())))))
    return caps


def _may_fall(coins: list[Coin]) -> NDArray[np.bool_]:
    """Coins without a perpetual: the caps that the long bias leans on stay as they are."""
    traded = {perpetual.coin_id for perpetual in reference.perpetuals()}
    return np.array([coin.asset_class == "coin" and coin.coin_id not in traded for coin in coins])


def _weights(
    base: Floats, count: int, column: dict[str, int], supply: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Each coin's weight in the pot per day: its base weight times a mean-reverting factor, calmer for the largest.
    And the supply of the coins that follow ether, in units of ether's."""
    large = base > _LARGE_USD
    step = np.where(large, 0.012, 0.035)
    keep = 0.5 ** (1 / 30)
    factor = np.empty((count, len(base)))
    state = rng.normal(size=len(base)) * step / np.sqrt(1 - keep**2)
    for day in range(count):
        state = keep * state + rng.normal(size=len(base)) * step
        factor[day] = state
    on_ether = sum(supply[:, column[coin_id]] for coin_id in _ON_ETHER) / supply[:, column["ethereum"]]
    return base * np.exp(factor), on_ether


def _fill_pegged(
    price: Floats, supply: Floats, column: dict[str, int], bitcoin: Floats, rng: np.random.Generator
) -> Floats:
    """Coins whose price follows something else; returns their summed cap per day (ether's followers left out)."""
    count = len(price)
    way = np.linspace(0, 1, count)
    total = np.zeros(count)
    for coin_id, (first_supply, last_supply, first_price, last_price) in _PEGGED.items():
        at = column[coin_id]
        supply[:, at] = np.round(first_supply + way * (last_supply - first_supply))
        path = first_price * (last_price / first_price) ** way
        price[:, at] = significant(path * (1 + rng.normal(0, 2e-4, count)), 6)
        total += price[:, at] * supply[:, at]
    for coin_id, units in _ON_BITCOIN.items():
        supply[:, column[coin_id]] = units
        price[:, column[coin_id]] = bitcoin
        total += bitcoin * units
    for coin_id, units in _ON_ETHER.items():
        supply[:, column[coin_id]] = units
    return total


def _hourly(pot: Floats, share: Floats, supply: Floats, price: Floats, rng: np.random.Generator) -> Floats:
    """Hourly closes that meet the day's price at midnight UTC: the pot's path times a bridged share."""
    hours = np.arange(len(pot))
    at_close = np.arange(1, len(share) + 1) * HOURS_A_DAY
    knots = np.concatenate([[0], at_close])
    noise = np.cumsum(rng.normal(0, 0.0015, len(pot)))
    noise -= np.interp(hours, knots, noise[knots])
    per_unit = np.append(share[0] / supply[0], share / supply)
    closes = significant(pot * np.exp(np.interp(hours, knots, np.log(per_unit)) + noise), _PRICE_DIGITS)
    closes[at_close] = price
    return closes
