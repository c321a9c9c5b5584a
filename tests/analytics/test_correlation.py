"""Correlation: independent computations, interval coverage on planted truth, and the recorded market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from analytics.correlation import partial_correlation, pearson_interval

MARKET = Path(__file__).parents[3] / "shared" / "real_market"


def planted(rho: float, n: int, phi: float, seed: int) -> np.ndarray:
    shocks = np.random.default_rng(seed).multivariate_normal([0, 0], [[1, rho], [rho, 1]], n + 100)
    series = np.zeros_like(shocks)
    for t in range(1, len(shocks)):
        series[t] = phi * series[t - 1] + shocks[t]
    return series[100:]


def test_for_white_noise_the_interval_is_scipys() -> None:
    x, y = planted(0.5, 2000, 0.0, 1).T
    ours, theirs = pearson_interval(x, y), stats.pearsonr(x, y)
    assert ours.correlation == pytest.approx(theirs.statistic, abs=1e-12)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval()), abs=2e-3)


def test_partial_correlation_is_the_one_of_regression_residuals() -> None:
    x, y = planted(0.5, 300, 0.2, 2).T
    control = x + y + np.random.default_rng(3).normal(size=300)
    design = sm.add_constant(control)
    residuals = [sm.OLS(series, design).fit().resid for series in (x, y)]
    assert partial_correlation(x, y, control) == pytest.approx(stats.pearsonr(*residuals).statistic, abs=1e-9)


@pytest.mark.parametrize("phi", [0.0, 0.5])
def test_the_interval_covers_the_planted_correlation_at_its_nominal_rate(phi: float) -> None:
    intervals = [pearson_interval(*planted(0.5, 252, phi, seed).T) for seed in range(400)]
    covered = sum(interval.low <= 0.5 <= interval.high for interval in intervals)
    low, high = stats.binom.ppf([0.005, 0.995], 400, 0.95)
    assert low <= covered <= high


@pytest.mark.parametrize(("x", "y"), [([1.0] * 3, [1.0] * 3), ([1.0] * 5, [1.0] * 4), ([1.0, np.nan, 2, 3], [1.0] * 4)])
def test_what_cannot_be_correlated_is_refused(x: list[float], y: list[float]) -> None:
    with pytest.raises(ValueError, match=r"are needed|missing values"):
        pearson_interval(np.array(x), np.array(y))


@pytest.mark.skipif(not MARKET.is_dir(), reason="the recorded market is not beside this checkout")
@pytest.mark.parametrize("window", [63, 252])
def test_small_caps_and_total_cap_on_the_recorded_market_agree_with_scipy(window: int) -> None:
    bars = pd.read_csv(MARKET / "equity_bars.csv")
    caps = pd.read_csv(MARKET / "total_cap.csv").set_index("date")["total_cap_usd"]
    closes = bars[bars["symbol"] == "^RUT"].set_index("session_date")["close"]
    returns = np.log(pd.DataFrame({"equity": closes, "crypto": caps}).dropna()).diff().dropna()
    last = returns.loc[:"2026-01-16"].tail(window)
    interval = pearson_interval(last["equity"].to_numpy(), last["crypto"].to_numpy())
    assert interval.correlation == pytest.approx(stats.pearsonr(last["equity"], last["crypto"]).statistic, abs=1e-9)
    assert interval.low < interval.correlation < interval.high
