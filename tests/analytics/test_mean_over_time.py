"""The mean of daily coefficients: laws that are known, and means of nothing that reject as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics import trend_tests
from analytics.trend_tests import newey_west_mean

DAYS, LAGS, DRAWS = 60, 20, 60_000


@pytest.fixture(scope="module")
def p_of_noise() -> trend_tests.Floats:
    """p of white noise (DRAWS,); its errors are summed here lag by lag and not as the module does it."""
    noise = np.random.default_rng(20050614).normal(size=(DRAWS, DAYS))
    mean = noise.mean(axis=1)
    rest = noise - mean[:, None]
    total = (rest**2).sum(axis=1)
    for lag in range(1, LAGS + 1):
        total += 2 * (1 - lag / (LAGS + 1)) * (rest[:, lag:] * rest[:, :-lag]).sum(axis=1)
    ratio = np.abs(mean) / np.sqrt(total / (DAYS * (DAYS - 1)))
    grid = np.linspace(0, 15, 1501)  # p falls smoothly: a fine grid is as good as every ratio, and quicker
    p: trend_tests.Floats = np.interp(ratio, grid, [trend_tests._fixed_b_p(at, DAYS, LAGS + 1) for at in grid])
    return p


@pytest.mark.parametrize("nominal", [0.5, 0.05, 0.01, 0.0036, 0.001])
def test_white_noise_is_rejected_as_often_as_the_level_says(p_of_noise: trend_tests.Floats, nominal: float) -> None:
    error = np.sqrt(nominal * (1 - nominal) / DRAWS)
    assert np.mean(p_of_noise < nominal) == pytest.approx(nominal, abs=3.5 * error)


def test_the_p_of_a_series_is_the_law_of_its_ratio() -> None:
    noise = np.random.default_rng(7).normal(size=DAYS)
    found = newey_west_mean(noise, LAGS)
    rest = noise - noise.mean()
    weights = np.clip(1 - np.abs(np.subtract.outer(np.arange(DAYS), np.arange(DAYS))) / (LAGS + 1), 0, None)
    ratio = abs(noise.mean()) / np.sqrt(rest @ weights @ rest / (DAYS * (DAYS - 1)))
    assert found.p_value == pytest.approx(trend_tests._fixed_b_p(ratio, DAYS, LAGS + 1), rel=1e-6)


@pytest.mark.parametrize("n", [3, 30, 150])
def test_without_lags_it_is_students_t(n: int) -> None:
    values = np.random.default_rng(n).normal(0.4, 1, n)
    found, known = newey_west_mean(values, 0), stats.ttest_1samp(values, 0)
    assert found.p_value == pytest.approx(known.pvalue, rel=1e-6)
    assert (found.low, found.high) == pytest.approx(tuple(known.confidence_interval(0.95)), rel=1e-5)


def test_the_quantile_is_that_of_kiefer_and_vogelsang() -> None:
    """Their table 1, of many days: 1.96 + 2.9694 b + 0.4160 b² - 0.5324 b³."""
    for share in (0.1, 0.3, 0.5):
        published = 1.96 + 2.9694 * share + 0.4160 * share**2 - 0.5324 * share**3
        assert trend_tests._fixed_b_quantile(200, share * 200, 0.95) == pytest.approx(published, rel=0.02)


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_the_interval_ends_at_zero_where_p_is_the_level(level: float) -> None:
    noise = np.random.default_rng(3).normal(size=DAYS)
    found = newey_west_mean(noise, LAGS, level)
    at_edge = newey_west_mean(noise - found.low, LAGS, level)
    assert at_edge.p_value == pytest.approx(1 - level, rel=1e-4)


def test_a_series_too_long_for_its_own_law_has_that_of_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = np.random.default_rng(5).normal(0.15, 1, trend_tests.MOST_DAYS)
    own = newey_west_mean(noise, LAGS)
    monkeypatch.setattr(trend_tests, "MOST_DAYS", 120)
    shorter = newey_west_mean(noise, LAGS)
    assert shorter.p_value != own.p_value
    assert shorter.p_value == pytest.approx(own.p_value, rel=0.02)
    assert shorter.high == pytest.approx(own.high, rel=0.01)


def test_the_same_series_gives_the_same_bits() -> None:
    noise = np.random.default_rng(9).normal(size=DAYS)
    first = newey_west_mean(noise, LAGS)
    trend_tests._error_weights.cache_clear()
    trend_tests._fixed_b_quantile.cache_clear()
    assert newey_west_mean(noise, LAGS) == first


def test_an_unknown_day_is_refused_and_never_taken_for_certainty() -> None:
    with pytest.raises(ValueError, match="leave out the days without one"):
        newey_west_mean(np.array([0.1, np.nan, 0.2, 0.3]), 1)
