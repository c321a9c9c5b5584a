"""Simulated series with known truth, for proofs: returns of two markets, and walks without any link.

Belongs here: what is simulated. What is measured on it belongs to the module of its mart.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Floats = NDArray[np.float64]
_BURN_IN = 200
EQUITY_VOLATILITY, CRYPTO_VOLATILITY = 0.0125, 0.027  # per session, of the Russell 2000 and of total crypto cap


def generator(*labels: object) -> np.random.Generator:
    """A stream of random numbers of its own for each proof and market."""
    return np.random.default_rng([int.from_bytes(str(label).encode(), "big") % 2**63 for label in labels])


def linked(n: int, correlation: float, rng: np.random.Generator, *, phi: float = 0.0, lead: int = 0) -> Floats:
    """Log returns (2, n) of an equity and a crypto series; the second follows the first `lead` sessions later.

    Both are AR(1) with coefficient phi and the same shocks up to `correlation`, at `lead` sessions apart.
    """
    shocks = rng.normal(size=(2, n + _BURN_IN + abs(lead)))
    shocks[1] = correlation * shocks[0] + np.sqrt(1 - correlation**2) * shocks[1]
    series = lfilter([np.sqrt(1 - phi**2)], [1.0, -phi], shocks, axis=1)
    first, last = series.shape[1] - n, series.shape[1]
    ahead, behind = max(lead, 0), max(-lead, 0)
    # The equity return of t is read `lead` sessions later than the crypto shock that goes with it.
    equity = series[0, first - behind : last - behind]
    crypto = series[1, first - ahead : last - ahead]
    return np.array([EQUITY_VOLATILITY * equity, CRYPTO_VOLATILITY * crypto])


def walks(n: int, rng: np.random.Generator) -> Floats:
    """Two independent log price paths, shape (2, n)."""
    return np.cumsum(linked(n, 0.0, rng), axis=1)
