"""Netflow states on rows a person can check, and no look-ahead."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.netflow import Thresholds, changed_labels, ema, judge, judge_by_method, robust_z, states, states_under
from analytics.netflow_tables import sensitivity_table


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


def test_each_threshold_binds_at_its_own_value() -> None:
    """Fourteen days of half a basis point are seven; nine days out suffice, eight do not; z of exactly one enters."""
    days, blocked = 14, [""] * 14
    assert states(np.full(days, -0.5), np.full(days, -1.0), blocked)[-1] == "ACCUMULATION"
    assert states(np.full(days, -0.5), np.full(days, -0.99), blocked)[-1] == "NEUTRAL"
    assert states(np.array([0.01] * 5 + [-0.7] * 9), np.full(days, -2.0), blocked)[-1] == "ACCUMULATION"
    assert states(np.array([0.01] * 6 + [-0.7] * 8), np.full(days, -2.0), blocked)[-1] == "NEUTRAL"
    known = np.array([np.nan] * 2 + [-1.0] * 12), np.array([np.nan] * 3 + [-1.0] * 11)
    assert [states(flow, np.full(days, -2.0), blocked)[-1] for flow in known] == ["ACCUMULATION", "UNKNOWN"]


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("migration", {"blocked": [""] * 99 + ["migration"]}),
        ("labels changed", {"blocked": [""] * 99 + ["labels changed"]}),
        ("coverage below 80%", {"netflow": np.r_[np.ones(90), np.full(9, np.nan), 1.0]}),
        ("no netflow this day", {"netflow": np.r_[np.ones(99), np.nan]}),
        ("too little history", {"netflow": np.r_[np.full(80, np.nan), np.ones(20)]}),
        ("no supply", {"supply": np.r_[np.ones(86), np.full(14, np.nan)]}),
    ],
)
def test_every_day_that_cannot_be_judged_says_why(reason: str, changes: dict[str, Any]) -> None:
    facts = {"netflow": np.ones(100), "supply": np.ones(100), "blocked": [""] * 100} | changes
    found = judge(**facts)
    assert (found.state[-1], found.reason[-1]) == ("UNKNOWN", reason)


def test_the_first_days_of_a_token_are_few_known_ones_and_not_unknown_many() -> None:
    """A night that cannot tell how many days are known cannot tell its claim either."""
    found = judge(np.array([1.0, np.nan, 1.0]), np.array([np.nan, 1e4, 1e4]), [""] * 3)
    assert found.coverage.tolist() == [1 / 14, 1 / 14, 2 / 14]
    assert np.isnan(found.sum_bp[:2]).all()
    assert found.sum_bp[2] == 1.0
    assert found.reason == ["coverage below 80%"] * 3


def test_days_in_a_state_begin_again_with_each() -> None:
    rng = np.random.default_rng(1)
    flow = np.r_[rng.normal(0, 0.1, 90), np.full(20, 2.5)]
    found = judge(flow, np.full(110, 1e4), [""] * 110)
    first = found.state.index("DISTRIBUTION")
    assert first > 90
    assert found.days_in_state[first - 1 : first + 3] == [found.days_in_state[first - 1], 1, 2, 3]
    assert found.reason[first].startswith("smoothed z +")


def test_labels_have_changed_until_the_old_ones_are_out_of_the_window() -> None:
    labels = ["v1"] * 3 + [None] + ["v2"] * 4
    assert changed_labels(labels, 3).tolist() == [False, False, False, False, True, False, False, False]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 139))
def test_cutting_the_future_changes_nothing(seed: int, cut: int) -> None:
    x = np.random.default_rng(seed).normal(size=140)
    z = ema(robust_z(x))
    np.testing.assert_array_equal(ema(robust_z(x[:cut])), z[:cut])
    assert states(x[:cut], z[:cut], [""] * cut) == states(x, z, [""] * 140)[:cut]


def test_a_day_measured_in_another_way_is_a_gap_for_the_others_and_no_jump() -> None:
    """Two ways differ by a level of a thousand: a day of the second is no flow among days of the first."""
    rng = np.random.default_rng(3)
    flow, supply, nothing = rng.normal(size=120), np.full(120, 1e6), [""] * 120
    method = ["chain"] * 120
    gap, mixed = flow.copy(), flow.copy()
    gap[100], mixed[100], method[100] = np.nan, 1000.0, "vendor"
    expected, found = judge(gap, supply, nothing), judge_by_method(mixed, supply, nothing, method)
    others = np.arange(120) != 100
    for name in ("z_score", "ema_z", "sum_bp", "coverage"):
        np.testing.assert_array_equal(getattr(found, name)[others], getattr(expected, name)[others])
    assert [found.state[t] for t in range(120)] == expected.state
    assert found.netflow_bp[100] == pytest.approx(10.0)
    assert (found.state[100], found.reason[100]) == ("UNKNOWN", "coverage below 80%")
    assert found.coverage[100] == pytest.approx(1 / 14)


def test_one_way_of_measuring_is_judged_as_ever() -> None:
    flow, supply, nothing = np.sin(np.arange(100.0)), np.full(100, 1e6), [""] * 100
    one, plain = judge_by_method(flow, supply, nothing, ["a"] * 100), judge(flow, supply, nothing)
    assert (one.state, one.reason, one.days_in_state) == (plain.state, plain.reason, plain.days_in_state)


GRID = {"enter_z": [1.0, 4.0], "min_sum_bp": [2.0, 5.0, 1e6]}


def _turned() -> np.ndarray:
    """A token of a million units that goes back and forth, and then loses 60 a day."""
    return np.concatenate([np.tile([20.0, -15.0, 10.0, -20.0, 15.0, -10.0], 17)[:100], np.full(20, -60.0)])


def test_states_under_several_rules_are_those_of_each_rule_alone() -> None:
    flow, supply, nothing = _turned(), np.full(120, 1e6), [""] * 120
    method = ["chain"] * 110 + ["vendor"] * 10
    rules = [Thresholds(enter_z=z, min_sum_bp=bp) for z in GRID["enter_z"] for bp in GRID["min_sum_bp"]]
    for one_way in (["chain"] * 120, method):
        alone = [judge_by_method(flow, supply, nothing, one_way, rule).state for rule in rules]
        assert states_under(flow, supply, nothing, one_way, rules) == alone
    assert len({tuple(told) for told in alone}) > 1
    with pytest.raises(ValueError, match="the same days"):
        states_under(flow, supply, nothing, method, [Thresholds(), Thresholds(z_window=60)])


def test_a_state_that_hangs_on_a_threshold_shows_under_the_others() -> None:
    """60 units of a million are 0.6 bp a day: 14 days sum to 8.4 bp, which passes 2 and 5 and never a million."""
    flows = pd.DataFrame(
        {
            **{"exchange": "binance", "symbol": "ENJ", "coin_id": "enjincoin", "contract": None},
            "date": pd.date_range("2025-09-19", periods=120),
            **{
                "netflow": _turned(),
                "circulating_supply": 1e6,
                "wallet_set": "v1",
                "blocked": "",
                "provider": "ethereum",
            },
        }
    )
    found = sensitivity_table(flows, Thresholds(), GRID, "h").to_pandas().set_index(["enter_z", "min_sum_bp"])
    assert len(found) == 6
    assert found["as_of_date"].astype(str).unique().tolist() == ["2026-01-16"]
    assert found.index[found["is_main_rule"]].tolist() == [(1.0, 5.0)]
    assert found.loc[(1.0, 5.0), ["state", "share_as_main_rule"]].tolist() == ["ACCUMULATION", 1.0]
    assert found.loc[(1.0, 1e6), ["state", "days_accumulation"]].tolist() == ["NEUTRAL", 0]
    # The smaller sum is reached earlier, so more days are in the state; all the others are judged alike.
    more, main = (found.loc[(1.0, bp)] for bp in (2.0, 5.0))
    days = more["days_accumulation"] - main["days_accumulation"]
    assert days > 0
    assert more["share_as_main_rule"] == pytest.approx(1 - days / main["days_judged"])
    assert found["days_judged"].nunique() == 1


def test_a_grid_without_the_main_rule_is_refused() -> None:
    flows = pd.DataFrame(columns=["exchange", "symbol"])
    with pytest.raises(ValueError, match="main rule"):
        sensitivity_table(flows, Thresholds(), {"enter_z": [0.5, 2.0]}, "h")
