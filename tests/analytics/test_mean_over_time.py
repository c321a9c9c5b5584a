"""The mean of daily coefficients: laws that are known, and means of nothing that reject as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from scipy.signal import lfilter

from analytics import trend_tests
from analytics.trend_tests import newey_west_mean

DAYS, LAGS, DRAWS = 60, 20, 60_000


def _ratios(series: trend_tests.Floats, *, prewhitened: bool) -> trend_tests.Floats:
    """|mean| over its error of each row (draws, n), lag by lag and not as the module sums it."""
    n, mean = series.shape[1], series.mean(axis=1)
    rest = series - mean[:, None]
    kept = np.zeros(len(series))
    if prewhitened:
        kept = (rest[:, 1:] * rest[:, :-1]).sum(axis=1) / (rest[:, :-1] ** 2).sum(axis=1)
        kept = np.clip(kept + (1 + 3 * kept) / n, 0, 0.97)
    steps = rest[:, 1:] - kept[:, None] * rest[:, :-1]
    steps = np.where(kept[:, None] > 0, steps - steps.mean(axis=1)[:, None], 0)
    steps = np.where(kept[:, None] > 0, np.pad(steps, ((0, 0), (0, 1))), rest)  # a last 0 adds to no product
    days = np.where(kept > 0, n - 1, n)
    total = (steps**2).sum(axis=1)
    for lag in range(1, LAGS + 1):
        total += 2 * (1 - lag / (LAGS + 1)) * (steps[:, lag:] * steps[:, :-lag]).sum(axis=1)
    ratios: trend_tests.Floats = np.abs(mean) * (1 - kept) / np.sqrt(total / (n * (days - 1)))
    return ratios


def _p(ratios: trend_tests.Floats) -> trend_tests.Floats:
    grid = np.linspace(0, 15, 1501)  # p falls smoothly: a fine grid is as good as every ratio, and quicker
    p: trend_tests.Floats = np.interp(ratios, grid, [trend_tests._fixed_b_p(at, DAYS, LAGS + 1) for at in grid])
    return p


@pytest.fixture(scope="module")
def white_noise() -> trend_tests.Floats:
    return np.random.default_rng(20050614).normal(size=(DRAWS, DAYS))


@pytest.mark.parametrize("nominal", [0.5, 0.05, 0.01, 0.0036, 0.001])
def test_the_law_is_exact_for_white_noise(white_noise: trend_tests.Floats, nominal: float) -> None:
    error = np.sqrt(nominal * (1 - nominal) / DRAWS)
    assert np.mean(_p(_ratios(white_noise, prewhitened=False)) < nominal) == pytest.approx(nominal, abs=3.5 * error)


@pytest.mark.parametrize("nominal", [0.5, 0.05, 0.01, 0.0036, 0.001])
def test_white_noise_is_rejected_as_often_as_the_level_says(white_noise: trend_tests.Floats, nominal: float) -> None:
    """What is taken out of noise that keeps nothing changes the size by a tenth at most."""
    error = np.sqrt(nominal * (1 - nominal) / DRAWS)
    assert np.mean(_p(_ratios(white_noise, prewhitened=True)) < nominal) == pytest.approx(
        nominal, abs=0.1 * nominal + 3.5 * error
    )


def test_what_days_keep_is_taken_out_before_the_error_is_estimated() -> None:
    """Of days that keep nine tenths, more than twice as many means of nothing would differ from zero otherwise."""
    shocks = np.random.default_rng(1992).normal(size=(4000, DAYS + 100))
    waves = lfilter([1.0], [1.0, -0.9], shocks, axis=1)[:, -DAYS:]
    plain, prewhitened = (np.mean(_p(_ratios(waves, prewhitened=which)) < 0.05) for which in (False, True))
    assert plain > 0.17
    assert prewhitened < 0.1


@pytest.mark.parametrize("kept", [0.0, 0.6, -0.6])
def test_the_p_of_a_series_is_the_law_of_its_ratio(kept: float) -> None:
    series = lfilter([1.0], [1.0, -kept], np.random.default_rng(7).normal(size=DAYS))
    ratio = _ratios(series[None], prewhitened=True)[0]
    assert newey_west_mean(series, LAGS).p_value == pytest.approx(
        trend_tests._fixed_b_p(ratio, DAYS, LAGS + 1), rel=1e-6
    )


def test_a_series_that_does_not_move_is_certain() -> None:
    """Sixty times 0.1 has a mean that is not quite 0.1."""
    found = newey_west_mean(np.full(DAYS, 0.1), LAGS)
    assert (found.mean, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1), abs=1e-12)
    assert (found.p_value, found.n_eff) == (0.0, DAYS)


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
