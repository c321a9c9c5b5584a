"""The hourly paths everything in crypto hangs on: total cap and the share of Bitcoin, tied to equities at their closes.

Belongs here: the planted correlation. Coins, bars and files are built on these paths elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ingestion.sandbox.generator.equities import Equities
from ingestion.sandbox.generator.size import LAST_DAY, Size
from ingestion.sandbox.generator.tables import Floats

CORRELATION = 0.5
HOURS_A_DAY = 24
_SESSION_VOLATILITY = 0.025
_START_USD, _END_USD = 0.82e12, 3.17e12
_DOMINANCE, _DOMINANCE_HOURLY_VOLATILITY, _DOMINANCE_HALF_LIFE_HOURS = 0.575, 0.0015, 1000
_SATURDAY = 5
_OPEN_HOUR, _CLOSE_HOUR = 13, 20  # of New York, in UTC, roughly


@dataclass(frozen=True)
class Crypto:
    """Levels at the end of every hour: item h is the value h hours after the first day 00:00 UTC."""

    total_usd: Floats
    dominance: Floats
    truth: dict[str, Any] = field(default_factory=dict)


def make(size: Size, equities: Equities, rng: np.random.Generator, *, null: bool) -> Crypto:
    """Total cap whose return between consecutive session closes correlates with ^RUT's by the planted amount."""
    hours = ((LAST_DAY - size.first_day).days + 1) * HOURS_A_DAY
    correlation = 0.0 if null else CORRELATION
    weight = _hourly_weight(size, hours)
    # The intervals between session closes, with the hours before the first and after the last as two more.
    edges = np.concatenate([[0], equities.close_hours, [hours]])
    variance = np.add.reduceat(weight, edges[:-1])
    equity = np.diff(np.log(equities.closes["^RUT"]))
    equity = (equity - equity.mean()) / equity.std()
    moves = rng.normal(size=len(edges) - 1)
    moves[1:-1] = correlation * equity + np.sqrt(1 - correlation**2) * moves[1:-1]
    moves -= moves.mean()
    moves = _SESSION_VOLATILITY * moves + np.log(_END_USD / _START_USD) / len(moves)
    interval = np.repeat(np.arange(len(variance)), np.diff(edges))
    share = weight / variance[interval]
    noise = rng.normal(size=hours) * _SESSION_VOLATILITY * np.sqrt(share)
    steps = noise + share * (moves - np.add.reduceat(noise, edges[:-1]))[interval]
    total = _START_USD * np.exp(np.concatenate([[0.0], np.cumsum(steps)]))
    dominance, dominance_variance = _dominance(hours, equities, rng)
    truth = {
        "equity": "^RUT",
        "method": "pearson, log returns between consecutive XNYS sessions, whole history",
        "total_cap_at_session_close": correlation,
        "total_cap_at_utc_close": correlation * _utc_attenuation(equities, weight, variance),
        "btc_at_session_close": correlation / np.sqrt(1 + dominance_variance / _SESSION_VOLATILITY**2),
    }
    return Crypto(total, dominance, truth)


def _hourly_weight(size: Size, hours: int) -> Floats:
    """Relative variance of each hour: busy while New York trades, quiet after its close and at weekends."""
    hour = np.arange(hours) % HOURS_A_DAY
    weekday = (size.first_day.weekday() + np.arange(hours) // HOURS_A_DAY) % 7
    weight = np.select([(hour >= _OPEN_HOUR) & (hour < _CLOSE_HOUR), hour >= _CLOSE_HOUR], [1.6, 0.6], 1.0)
    quiet: Floats = np.where(weekday >= _SATURDAY, 0.6, weight)
    return quiet


def _dominance(hours: int, equities: Equities, rng: np.random.Generator) -> tuple[Floats, float]:
    """Bitcoin's share of the total, reverting to its mean; and the variance of its log between session closes."""
    keep = 0.5 ** (1 / _DOMINANCE_HALF_LIFE_HOURS)
    shocks = rng.normal(0, _DOMINANCE_HOURLY_VOLATILITY, hours)
    deviation = np.zeros(hours + 1)
    for hour in range(hours):
        deviation[hour + 1] = keep * deviation[hour] + shocks[hour]
    between_closes = float(np.mean(np.diff(equities.close_hours)))
    return _DOMINANCE * np.exp(deviation), between_closes * _DOMINANCE_HOURLY_VOLATILITY**2


def _utc_attenuation(equities: Equities, weight: Floats, variance: Floats) -> float:
    """What is left of the correlation when crypto is read at midnight UTC after the session instead of at its close."""
    late = np.zeros(len(equities.sessions))
    for position, close_hour in enumerate(equities.close_hours):
        midnight = (close_hour // HOURS_A_DAY + 1) * HOURS_A_DAY
        late[position] = weight[close_hour:midnight].sum() / variance[position + 1]
    covariance = 1 - late[:-1]
    return float(covariance.mean() / np.sqrt((covariance + late[1:]).mean()))
