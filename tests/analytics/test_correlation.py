"""Correlation: independent computations, interval coverage on planted truth, and the recorded market."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from analytics.correlation import (
    Method,
    correlate,
    fisher_p,
    partial_correlation,
    pearson_interval,
    volatility_adjusted,
    weeks_at,
    windows_at,
)

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


# Steps of a thousandth make ties, as prices do, and no differences that vanish in rounding.
returns = st.integers(-50, 50).map(lambda steps: steps / 1000)
gappy = arrays(np.float64, st.tuples(st.just(3), st.integers(12, 70)), elements=st.one_of(returns, st.just(np.nan)))


def by_scipy(x: np.ndarray, y: np.ndarray, method: Method) -> float:
    """One window without gaps."""
    if method == "spearman":
        return float(stats.spearmanr(x, y).statistic)
    if method == "winsorised":
        x, y = (np.clip(series, *np.quantile(series, [0.01, 0.99])) for series in (x, y))
    return float(stats.pearsonr(x, y).statistic)


@given(gappy, st.sampled_from(["pearson", "spearman", "winsorised"]))
def test_every_window_agrees_with_scipy_on_the_pairs_that_are_there(triple: np.ndarray, method: Method) -> None:
    x, y, control = triple
    found = correlate(x[None], y[None], control[None], method)
    both = np.isfinite(x) & np.isfinite(y)
    assert found.n[0] == both.sum()
    if both.sum() < 4 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        assert np.isnan(found.correlation[0])
        return
    expected = by_scipy(x[both], y[both], method)
    assert found.correlation[0] == pytest.approx(expected, abs=1e-9, nan_ok=True)
    if np.isfinite(expected) and found.n_eff[0] > 3:
        assert found.low[0] <= found.correlation[0] + 1e-12
        assert found.correlation[0] <= found.high[0] + 1e-12
    assert not found.n_eff[0] > both.sum()


@given(st.integers(0, 10_000), st.integers(0, 12))
def test_exponential_weights_are_those_of_statsmodels(seed: int, missing: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 63))
    x[rng.choice(63, missing, replace=False)] = np.nan
    found = correlate(x[None], y[None], np.full((1, 63), np.nan), "ewma")
    kept = np.isfinite(x)
    weights = 0.94 ** np.arange(62, -1, -1)[kept]
    weighted = sm.stats.DescrStatsW(np.column_stack([x, y])[kept], weights=weights)
    assert found.correlation[0] == pytest.approx(weighted.corrcoef[0, 1], abs=1e-9)
    assert found.n_eff[0] <= weights.sum() ** 2 / (weights**2).sum() + 1e-9
    assert np.isnan(found.partial[0])


def test_partial_correlation_of_a_window_leaves_out_what_the_control_lacks() -> None:
    rng = np.random.default_rng(5)
    x, y, control = rng.normal(size=(3, 80))
    control[::9] = np.nan
    found = correlate(x[None], y[None], control[None])
    kept = np.isfinite(control)
    assert found.n[0] == 80
    assert found.partial[0] == pytest.approx(partial_correlation(x[kept], y[kept], control[kept]), abs=1e-12)


def test_the_incremental_r2_is_what_the_regression_with_both_explains_more() -> None:
    x, y = planted(0.5, 300, 0.2, 12).T
    control = x + y + np.random.default_rng(13).normal(size=300)
    alone = sm.OLS(y, sm.add_constant(control)).fit().rsquared
    both = sm.OLS(y, sm.add_constant(np.column_stack([control, x]))).fit().rsquared
    found = correlate(x[None], y[None], control[None])
    assert found.incremental_r2[0] == pytest.approx(both - alone, abs=1e-9)


def test_forbes_and_rigobon_undo_what_a_larger_variance_does_to_a_correlation() -> None:
    """y = x + e: with nine times the variance of x the correlation is 0.8321, at the old variance it is 0.4472."""
    beta, noise = 1.0, 2.0
    rho = {variance: beta * np.sqrt(variance) / np.sqrt(beta**2 * variance + noise**2) for variance in (1.0, 9.0)}
    adjusted = volatility_adjusted(np.array([rho[9.0], np.nan]), np.array([9.0, 2.0]))
    assert adjusted[0] == pytest.approx(rho[1.0], abs=1e-12)
    assert np.isnan(adjusted[1])
    assert volatility_adjusted(np.array([0.3]), np.array([1.0]))[0] == pytest.approx(0.3)


def test_a_series_that_is_its_own_control_has_no_partial_correlation() -> None:
    x, y = planted(0.5, 100, 0.0, 6).T
    assert np.isnan(correlate(x[None], y[None], x[None]).partial[0])


def test_windows_end_where_they_are_asked_and_are_missing_before_the_first_value() -> None:
    found = windows_at(np.array([1.0, 2.0, 3.0]), np.array([0, 2]), 2)
    np.testing.assert_array_equal(found, [[np.nan, 1.0], [2.0, 3.0]])


def test_weeks_are_whole_inside_the_window() -> None:
    """Weeks end at sessions 2, 5 and 9. Five sessions up to 8 hold only the week from 2 to 5 when they start at 3."""
    series = np.full(11, np.nan)
    series[[2, 5, 9]] = [0.1, 0.2, 0.3]
    values, weeks = weeks_at(series, np.array([2, 5, 9]), np.array([2, 5, 8, 9, 10]), 6)
    assert weeks.tolist() == [0, 1, 1, 1, 1]
    np.testing.assert_array_equal(values[:, -1], [np.nan, 0.2, 0.2, 0.3, 0.3])
    both, count = weeks_at(series, np.array([2, 5, 9]), np.array([9]), 7)
    assert count.tolist() == [2]
    np.testing.assert_array_equal(both, [[0.2, 0.3]])


def test_p_values_are_uniform_without_any_link() -> None:
    draws = np.random.default_rng(9).normal(size=(3, 500, 63))
    found = correlate(*draws)
    p = [fisher_p(r, n_eff) for r, n_eff in zip(found.correlation, found.n_eff, strict=True)]
    partial = [fisher_p(r, n_eff, 1) for r, n_eff in zip(found.partial, found.n_eff, strict=True)]
    assert stats.kstest(p, "uniform").pvalue > 0.01
    assert stats.kstest(partial, "uniform").pvalue > 0.01


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
