"""Do two log price levels share one path? Unit roots of each, and Engle and Granger's test of the pair.

Belongs here: the tests, made by statsmodels. What they mean for a claim is said in level_claims.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
from statsmodels.regression.linear_model import OLS
from statsmodels.tsa.stattools import adfuller, coint, kpss

from analytics.correlation import Series

_FEWEST = 50  # levels below which neither test has a usable distribution
_CONSTANT = 1e-12  # spread relative to size below which a series has none


class UnitRoot(NamedTuple):
    """ADF: the null is a unit root. KPSS: the null is none; its p comes from a table that ends at 0.01 and 0.1."""

    adf: float
    adf_p: float
    kpss: float
    kpss_p: float


class Cointegration(NamedTuple):
    """t of the residuals' unit root and its p; `critical` is the 5 % value. slope: log y per log x, in the long run."""

    statistic: float
    p_value: float
    critical: float
    slope: float
    n: int


def unit_root(level: Series) -> UnitRoot:
    """ADF (Dickey & Fuller 1979, lags by AIC) and KPSS (Kwiatkowski et al. 1992) of a log level (n,), both around a
    constant. Raises `ValueError` for missing values, fewer than 50 of them, or no spread."""
    _check(level)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where KPSS's table ends, and how later versions pack the result
        adf, kpss_found = adfuller(level, regression="c", autolag="AIC"), kpss(level, regression="c", nlags="auto")
    return UnitRoot(float(adf[0]), float(adf[1]), float(kpss_found[0]), float(kpss_found[1]))


def engle_granger(y: Series, x: Series) -> Cointegration:
    """Cointegration of two log levels (n,), y regressed on x and a constant (Engle & Granger 1987).

    p and critical value by MacKinnon (1994, 2010); lags by AIC. Raises `ValueError` as `unit_root` does, and for two
    lengths.
    """
    for level in (y, x):
        _check(level)
    if len(y) != len(x):
        raise ValueError(f"two levels of equal length are needed, not {len(y)} and {len(x)}")
    statistic, p_value, critical = coint(y, x, trend="c", autolag="aic")
    slope = OLS(y, np.column_stack([np.ones(len(x)), x])).fit().params[1]
    return Cointegration(float(statistic), float(p_value), float(critical[1]), float(slope), len(y))


def _check(level: Series) -> None:
    if len(level) < _FEWEST or not np.isfinite(level).all():
        raise ValueError(f"{int(np.isfinite(level).sum())} of {len(level)} levels are there, at least {_FEWEST} whole")
    if not np.ptp(level) > _CONSTANT * np.abs(level).max():
        raise ValueError("a level does not move")
