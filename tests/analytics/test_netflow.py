"""Netflow states on rows a person can check, and no look-ahead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.netflow import ema, robust_z, states


def test_z_excludes_its_own_day_and_clips() -> None:
    x = np.array([0.0, 1.0, 2.0] * 30 + [2.0, 1000.0])
    z = robust_z(x)
    assert np.isnan(z[59])
    assert z[90] == pytest.approx(1 / 1.4826, abs=1e-12)
    assert z[91] == 5.0


def test_constant_series_needs_the_floor() -> None:
    assert robust_z(np.ones(70))[-1] == 0.0
    with pytest.raises(ValueError, match="positive"):
        robust_z(np.ones(70), mad_floor=0.0)


def test_ema_of_a_step() -> None:
    assert ema(np.array([0.0, 1.0, np.nan, 1.0])) == pytest.approx([0.0, 0.25, np.nan, 0.4375], nan_ok=True)


@pytest.mark.parametrize(("sign", "name"), [(-1.0, "ACCUMULATION"), (1.0, "DISTRIBUTION")])
def test_hysteresis_is_mirrored(sign: float, name: str) -> None:
    flow = np.full(18, sign)
    z = sign * np.array([1.0] * 14 + [0.9, 0.3, 0.2, 0.9])
    got = states(flow, z, [""] * 18)
    assert got == ["UNKNOWN"] * 11 + [name] * 5 + ["NEUTRAL"] * 2


def test_three_opposite_days_leave() -> None:
    flow = np.array([-1.0] * 14 + [0.1] * 3)
    assert states(flow, np.full(17, -2.0), [""] * 17)[13:] == ["ACCUMULATION"] * 3 + ["NEUTRAL"]


def test_small_sum_and_blocked_days() -> None:
    assert states(np.full(14, -0.3), np.full(14, -2.0), [""] * 14)[-1] == "NEUTRAL"
    assert states(np.full(14, -1.0), np.full(14, -2.0), ["migration"] * 14)[-1] == "UNKNOWN"
    with pytest.raises(ValueError, match="same length"):
        states(np.ones(2), np.ones(2), [""])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 139))
def test_cutting_the_future_changes_nothing(seed: int, cut: int) -> None:
    x = np.random.default_rng(seed).normal(size=140)
    z = ema(robust_z(x))
    np.testing.assert_array_equal(ema(robust_z(x[:cut])), z[:cut])
    assert states(x[:cut], z[:cut], [""] * cut) == states(x, z, [""] * 140)[:cut]
