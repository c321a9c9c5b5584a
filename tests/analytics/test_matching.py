"""Matches, shifts and concordance: by hand, by brute force, and by statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from analytics.matching import concordance, exceedance, match_share, matched, shifted_concordances, shifted_shares
from analytics.turning_points import PEAK, TROUGH, Pivot


def at(*positions: int, kind: int = PEAK) -> list[Pivot]:
    return [Pivot(position, kind, 0.0, position + 10) for position in positions]


def test_each_turning_point_has_one_partner_of_its_own_kind() -> None:
    first = [*at(10, 60), *at(35, kind=TROUGH)]
    second = [*at(12, 14, 90), *at(61, kind=TROUGH)]
    pairs = matched(first, second, 5)
    assert [(a.position, b.position) for a, b in pairs] == [(10, 12)]
    assert match_share(len(pairs), len(first), len(second)) == pytest.approx(2 / 7)
    assert np.isnan(match_share(0, 0, 0))


@given(st.sets(st.integers(0, 60), max_size=8), st.sets(st.integers(0, 60), max_size=8), st.integers(0, 12))
def test_no_other_pairing_has_more_matches(left: set[int], right: set[int], tolerance: int) -> None:
    first, second = at(*sorted(left)), at(*sorted(right))
    pairs = matched(first, second, tolerance)
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    assert all(abs(a.position - b.position) <= tolerance for a, b in pairs)
    fits = np.array([[abs(a.position - b.position) <= tolerance for b in second] for a in first], dtype=float)
    if fits.size:
        rows, columns = linear_sum_assignment(fits, maximize=True)
        assert len(pairs) == fits[rows, columns].sum()
    else:
        assert pairs == []


@given(st.integers(0, 1000), st.integers(1, 99))
def test_a_shift_gives_what_matching_the_shifted_pivots_gives(seed: int, by: int) -> None:
    rng = np.random.default_rng(seed)
    start, window, tolerances = 40, 100, (3, 10)

    def drawn() -> list[Pivot]:
        # Pivots of one kind at least 30 apart, as two phases of 15 make them, the seam included.
        positions = start + rng.integers(0, 10) + np.array([0, 30, 60]) + rng.integers(0, 1, 3)
        kinds = rng.choice([PEAK, TROUGH], 3)
        return [Pivot(int(p), int(kind), 0.0, 0) for p, kind in zip(positions, kinds, strict=True)]

    first, second = drawn(), drawn()
    shares = shifted_shares(first, second, start, window, tolerances)
    moved = [b._replace(position=start + (b.position - start + by) % window) for b in second]
    moved.sort()
    for row, tolerance in enumerate(tolerances):
        pairs = matched(first, moved, tolerance)
        assert shares[row, by - 1] == pytest.approx(match_share(len(pairs), len(first), len(second)))


def test_concordance_is_the_share_of_common_phases_and_its_test_is_a_regression() -> None:
    rng = np.random.default_rng(3)
    first, second = (np.repeat(rng.integers(0, 2, 20), 20).astype(float) for _ in range(2))
    first[:7] = np.nan
    found = concordance(first, second, 30)
    x, y = first[7:], second[7:]
    assert found.n == 393
    assert found.value == pytest.approx(np.mean(x == y))
    fit = sm.OLS(y, sm.add_constant(x)).fit(cov_type="HAC", cov_kwds={"maxlags": 30})
    assert found.hac_p == pytest.approx(fit.pvalues[1] / 2 if fit.tvalues[1] > 0 else 1 - fit.pvalues[1] / 2, abs=1e-9)
    assert found.expected == pytest.approx(x.mean() * y.mean() + (1 - x.mean()) * (1 - y.mean()))
    shifted = shifted_concordances(first, second)
    assert len(shifted) == 392
    assert shifted[4] == pytest.approx(np.mean(x == np.roll(y, 5)))


def test_phases_that_never_change_say_nothing() -> None:
    found = concordance(np.ones(100), np.tile([0.0, 1.0], 50), 10)
    assert np.isnan([found.value, found.hac_p]).all()
    assert len(shifted_concordances(np.ones(10), np.ones(10))) == 0


def test_a_share_is_as_rare_as_the_shifts_say() -> None:
    chance = np.array([0.1, 0.2, 0.3, 0.4])
    assert exceedance(0.3, chance) == pytest.approx(3 / 5)
    assert exceedance(0.5, chance) == pytest.approx(1 / 5)
    assert np.isnan(exceedance(np.nan, chance))
    assert np.isnan(exceedance(0.5, np.empty(0)))
