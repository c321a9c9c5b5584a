"""Stationary bootstrap: block structure, reproducibility, and coverage where neighbours depend on each other."""

from __future__ import annotations

import numpy as np
import pytest
from arch.bootstrap import StationaryBootstrap
from scipy import stats

from analytics.bootstrap import block_length, percentile_interval, resampled_positions


def autoregressive(phi: float, n: int, seed: int) -> np.ndarray:
    shocks = np.random.default_rng(seed).normal(size=n + 100)
    series = np.zeros(n + 100)
    for t in range(1, n + 100):
        series[t] = phi * series[t - 1] + shocks[t]
    return series[100:]


def test_positions_run_on_within_blocks_of_the_mean_length() -> None:
    positions = resampled_positions(200, 10, 50, np.random.default_rng(1))
    assert positions.shape == (50, 200)
    assert set(np.unique(positions)) <= set(range(200))
    follows = (np.diff(positions, axis=1) % 200 == 1).mean()
    assert follows == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize(("n", "block"), [(1, 1), (40, 1), (250, 7), (250, 80)])
def test_one_draw_is_the_draw_of_arch_from_the_same_random_numbers(n: int, block: int) -> None:
    for seed in range(20):
        theirs = StationaryBootstrap(block, np.arange(n), seed=np.random.default_rng(seed)).update_indices()
        ours = resampled_positions(n, block, 1, np.random.default_rng(seed))
        np.testing.assert_array_equal(ours[0], theirs)


def test_the_same_seed_gives_the_same_resamples() -> None:
    first, second = (resampled_positions(30, 3, 5, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)


def test_blocks_grow_with_dependence_and_are_never_longer_than_a_third() -> None:
    assert block_length(autoregressive(0.0, 400, 2)) < block_length(autoregressive(0.8, 400, 2))
    assert block_length(autoregressive(0.0, 400, 2), autoregressive(0.8, 400, 2)) >= 5
    assert block_length(np.arange(30.0)) <= 10
    assert block_length(np.ones(30)) == 1


def test_the_interval_of_a_dependent_mean_covers_better_than_the_naive_one() -> None:
    covered = naive = 0
    for seed in range(100):
        series = autoregressive(0.6, 300, seed)
        at = resampled_positions(300, block_length(series), 300, np.random.default_rng(seed))
        low, high = percentile_interval(series[at].mean(axis=1), 0.95)
        covered += low <= 0 <= high
        naive += abs(series.mean()) <= 1.96 * series.std() / np.sqrt(300)
    assert covered >= stats.binom.ppf(0.001, 100, 0.90)
    assert covered > naive
