"""Turning points: paths a person can draw, no look-ahead, and what every list of pivots promises."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics.turning_points import PEAK, TROUGH, PivotRule, extremes, pivots, states, trailing_spread

RULE = PivotRule(k=2, min_phase=3, min_amplitude=0.05, spreads=2.0)
CALM = np.full(200, 0.001)
# Steps of a hundredth make ties, as prices do.
paths = arrays(
    np.float64, st.integers(5, 120), elements=st.one_of(st.integers(-30, 30).map(lambda step: step / 100))
).map(np.cumsum)


def path(*turns: tuple[int, float]) -> np.ndarray:
    """Straight lines between (position, level)."""
    at, level = zip(*turns, strict=True)
    return np.interp(np.arange(at[-1] + 1), at, level)


def test_a_zigzag_has_its_corners() -> None:
    level = path((0, 0.0), (5, 0.2), (10, 0.1), (15, 0.4), (20, 0.0))
    found = pivots(level, CALM, RULE)
    assert [(p.position, p.kind, p.confirmed_at) for p in found] == [(5, PEAK, 7), (10, TROUGH, 12), (15, PEAK, 17)]


def test_a_plateau_is_no_strict_extreme() -> None:
    level = path((0, 0.0), (5, 0.2), (10, 0.0))
    level[6] = level[5]
    assert extremes(level, 2) == []


def test_of_two_highs_without_a_low_between_them_the_higher_stays() -> None:
    low_enough = path((0, 0.0), (5, 0.2), (8, 0.17), (12, 0.3), (20, 0.0))
    assert [(p.position, p.kind) for p in pivots(low_enough, CALM, RULE)] == [(12, PEAK)]


def test_a_turn_too_soon_or_too_small_is_none() -> None:
    level = path((0, 0.0), (5, 0.2), (9, 0.1), (14, 0.4), (20, 0.0))
    assert [p.position for p in pivots(level, CALM, RULE)] == [5, 9, 14]
    assert [p.position for p in pivots(level, CALM, PivotRule(2, 5, 0.05, 2.0))] == [14]
    assert [p.position for p in pivots(level, CALM, PivotRule(2, 3, 0.11, 2.0))] == [14]
    assert [p.position for p in pivots(level, np.full(200, 0.06), RULE)] == [14]


def test_a_gap_is_not_compared_with() -> None:
    level = path((0, 0.0), (5, 0.2), (10, 0.0))
    level[4] = np.nan
    assert extremes(level, 2) == [(5, PEAK)]
    level[[3, 4]] = np.nan
    assert extremes(level, 2) == []


@given(paths, st.integers(1, 6))
def test_extremes_are_those_of_every_neighbour(level: np.ndarray, k: int) -> None:
    expected = [
        (t, kind)
        for t in range(k, len(level) - k)
        for kind in (TROUGH, PEAK)
        if all(kind * (level[t] - level[s]) > 0 for s in range(t - k, t + k + 1) if s != t)
    ]
    assert extremes(level, k) == expected


@given(paths, st.integers(0, 120))
def test_the_pivots_of_a_path_cut_short_are_the_ones_known_then(level: np.ndarray, cut: int) -> None:
    """Nothing after the cut is used: another future gives the same pivots."""
    spread = np.full(len(level), 0.02)
    cut = min(cut, len(level))
    other = level.copy()
    other[cut:] = 100.0
    before = [p for p in extremes(level, RULE.k) if p[0] + RULE.k < cut]
    assert before == [p for p in extremes(other, RULE.k) if p[0] + RULE.k < cut]
    assert before == extremes(level[:cut], RULE.k)
    assert all(p.confirmed_at < cut for p in pivots(level[:cut], spread[:cut], RULE))


@given(paths)
def test_pivots_alternate_last_and_matter(level: np.ndarray) -> None:
    found = pivots(level, np.full(len(level), 0.03), RULE)
    for before, after in pairwise(found):
        assert before.kind == -after.kind
        assert after.position - before.position >= RULE.min_phase
        assert after.kind * (after.level - before.level) >= 0.06
    assert all(p.confirmed_at == p.position + RULE.k for p in found)


@given(paths)
def test_highs_of_a_path_are_lows_of_its_mirror_image(level: np.ndarray) -> None:
    spread = np.full(len(level), 0.03)
    mirrored = pivots(-level, spread, RULE)
    assert [(p.position, -p.kind) for p in mirrored] == [(p.position, p.kind) for p in pivots(level, spread, RULE)]


def test_states_are_known_between_the_first_and_the_last_pivot() -> None:
    level = path((0, 0.0), (5, 0.2), (10, 0.1), (15, 0.4), (20, 0.0))
    state = states(pivots(level, CALM, RULE), len(level))
    assert np.isnan(state[:6]).all()
    assert state[6:11].tolist() == [0.0] * 5
    assert state[11:16].tolist() == [1.0] * 5
    assert np.isnan(state[16:]).all()


def test_the_spread_is_the_sample_standard_deviation_of_the_window() -> None:
    returns = np.random.default_rng(1).normal(size=50)
    returns[20] = np.nan
    found = trailing_spread(returns, 10, 0.9)
    assert found[30] == pytest.approx(np.std(returns[21:31], ddof=1), abs=1e-12)
    assert found[25] == pytest.approx(np.nanstd(returns[16:26], ddof=1), abs=1e-12)
    assert np.isnan(found[7])
    assert np.isnan(trailing_spread(returns, 10, 1.0)[25])
