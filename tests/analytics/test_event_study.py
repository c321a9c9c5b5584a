"""Event studies: against statsmodels, on rows a person can check, and nothing of an event's own future before it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS
from statsmodels.tools import add_constant

from analytics.bias_forward import bias_z, day_slope, forward_outcomes, own_percentile
from analytics.event_study import (
    Cars,
    Rule,
    abnormal,
    declustered,
    estimated,
    pseudo_events,
    study,
    volatility_terciles,
)
from analytics.event_tables import Setting, altcoins_and_bitcoin, record_so_far, study_table
from analytics.netflow import robust_z

RULE = Rule((5, 20), 252, 21, 0.9, 21, 999, 0.05, 0.8)


def returns(n: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.03, n)
    return 1.2 * market + rng.normal(0.001, 0.02, n), market


def test_model_and_car_are_those_of_statsmodels() -> None:
    asset, market = returns(400)
    asset[100] = np.nan
    models = estimated(asset, market, RULE)
    level, market_level = (np.nancumsum(series) for series in (asset, market))
    for at in (252, 300, 399):
        window = slice(at - 252, at - 20)
        known = np.isfinite(asset[window])
        fit = OLS(asset[window][known], add_constant(market[window][known])).fit()
        np.testing.assert_allclose([models["market_model"][k][at] for k in (0, 1)], fit.params, rtol=1e-9)
        assert models["mean_adjusted"][0][at] == pytest.approx(np.nanmean(asset[window]), abs=1e-12)
        if at + 20 < 400:
            after = slice(at + 1, at + 21)
            for model, expected in (
                ("market_model", asset[after] - fit.predict(add_constant(market[after]))),
                ("mean_adjusted", asset[after] - np.nanmean(asset[window])),
            ):
                found = abnormal(level, market_level, models[model], 20).values[at]
                assert found == pytest.approx(expected.sum(), abs=1e-9)
    assert np.isnan(models["market_model"][0][251])


def test_an_estimation_window_needs_its_coverage() -> None:
    asset, market = returns(300)
    asset[40:70] = np.nan
    assert np.isnan(estimated(asset, market, RULE)["market_model"][0][260])


@given(st.integers(253, 380), st.integers(1, 20))
@settings(max_examples=15)
def test_what_comes_after_the_horizon_changes_no_car(at: int, horizon: int) -> None:
    asset, market = returns(401)
    models = estimated(asset, market, RULE)
    whole = abnormal(np.cumsum(asset), np.cumsum(market), models["market_model"], horizon).values[at]
    end = at + horizon + 1
    models = estimated(asset[:end], market[:end], RULE)
    cut = abnormal(np.cumsum(asset[:end]), np.cumsum(market[:end]), models["market_model"], horizon).values[at]
    assert cut == pytest.approx(whole, abs=1e-12)


def test_events_inside_the_horizon_of_a_kept_one_are_left_out() -> None:
    assert declustered(np.array([40, 10, 12, 15, 16, 21, 22]), 5).tolist() == [10, 16, 22, 40]
    assert declustered(np.array([], dtype=np.int64), 5).tolist() == []


def test_pseudo_events_have_the_terciles_of_the_events_and_their_distance() -> None:
    rng = np.random.default_rng(5)
    terciles = rng.integers(0, 3, 1000)
    terciles[:50] = -1
    events = np.array([100, 300, 600])
    drawn = pseudo_events(events, terciles, 20, 200, rng)
    assert (terciles[drawn] == terciles[events]).all()
    assert np.diff(np.sort(drawn, axis=1), axis=1).min() > 20


def test_a_large_effect_is_found_and_its_size_told() -> None:
    asset, market = returns(1200)
    events = np.arange(300, 1100, 60)
    for event in events:
        asset[event + 1 : event + 6] += 0.03
    models, terciles = estimated(asset, market, RULE), volatility_terciles(asset, 21)
    cars = abnormal(np.cumsum(asset), np.cumsum(market), models["market_model"], 5)
    found = study(cars, events, terciles, RULE, np.random.default_rng(1))
    assert found.measured == len(events)
    assert found.mean_car == pytest.approx(0.15, abs=0.03)
    assert found.p_value == pytest.approx(1 / 1000)
    assert abs(found.base_rate) < 0.03
    assert 0 < found.minimum_detectable < 0.15
    nothing = study(cars, np.array([1, 2]), terciles, RULE, np.random.default_rng(1))
    assert nothing.measured == 0
    assert np.isnan(nothing.p_value)


def test_terciles_split_the_known_sessions_in_three() -> None:
    asset, _ = returns(620)
    asset[50] = np.nan
    terciles = volatility_terciles(asset, 21)
    assert (terciles[:20] == -1).all()
    assert (terciles[50:71] == -1).all()
    counts = np.bincount(terciles[terciles >= 0])
    assert counts.max() - counts.min() <= 2


def tables() -> tuple[pd.DatetimeIndex, pd.DataFrame]:
    days = pd.bdate_range("2024-01-01", periods=500, unit="us")
    asset, market = returns(500)
    altcoins, bitcoin = 1e12 * np.exp(np.cumsum(asset)), 2e12 * np.exp(np.cumsum(market))
    parts = [
        pd.DataFrame({"session_date": days, "series": name, "price": values})
        for name, values in (("total_cap", altcoins + bitcoin), ("total_ex_btc", altcoins))
    ]
    return days, pd.concat(parts)


def test_the_table_has_every_signal_horizon_and_model_and_says_why_one_is_empty() -> None:
    days, prices = tables()
    events = pd.DataFrame(
        {"signal": "a", "session_date": [days[300], days[302], days[495], pd.Timestamp("2025-01-04")]}
    )
    setting = Setting(RULE, date(2025, 12, 1), "h")
    found = study_table(days, prices, events, ("a", "b"), setting).to_pandas().set_index(["signal", "horizon_sessions"])
    assert len(found) == 2 * 2 * 2
    five = found.loc[("a", 5)].iloc[0]
    assert (five["n_events"], five["n_measured"], five["n_pending"]) == (3, 2, 1)
    assert found.loc[("b", 5), "reason"].tolist() == ["no event", "no event"]
    again = study_table(days, prices, events, ("a", "b"), setting)
    assert again.equals(study_table(days, prices, events, ("a", "b"), setting))


def test_bitcoin_is_what_is_left_of_the_total() -> None:
    days, prices = tables()
    altcoins, bitcoin = altcoins_and_bitcoin(days, prices)
    np.testing.assert_allclose(np.diff(altcoins), returns(500)[0][1:], rtol=0, atol=1e-12)
    np.testing.assert_allclose(np.diff(bitcoin), returns(500)[1][1:], rtol=0, atol=1e-9)
    empty, _ = altcoins_and_bitcoin(days, prices[:0])
    assert np.isnan(empty).all()


def test_forward_outcomes_begin_the_day_after() -> None:
    prices = np.array([[1.0], [2.0], [1.0], [4.0]])
    volatility, moved = forward_outcomes(prices, 2)
    two = np.log(2)
    np.testing.assert_allclose(moved[:, 0], [0, two, np.nan, np.nan])
    np.testing.assert_allclose(volatility[:, 0], [two, np.sqrt((two**2 + (2 * two) ** 2) / 2), np.nan, np.nan])


def test_bias_z_looks_at_the_days_before_only() -> None:
    values = np.random.default_rng(2).normal(size=(120, 3))
    z = bias_z(values, 90, 60)
    for coin in range(3):
        expected = robust_z(values[:, coin], 90, 60, clip=np.inf, mad_floor_share=0.25)
        np.testing.assert_array_equal(z[:, coin], expected)
    values[100:] = 9.0
    np.testing.assert_array_equal(bias_z(values, 90, 60)[:100], z[:100])


def test_percentile_of_the_own_year_needs_the_year() -> None:
    ratios = np.arange(1.0, 11.0)[:, None]
    ratios[4] = np.nan
    found = own_percentile(ratios, 5, 0.8)[:, 0]
    np.testing.assert_allclose(found, [np.nan, np.nan, np.nan, 1, np.nan, 1, 1, 1, 1, 1])
    assert own_percentile(ratios[::-1], 5, 0.8)[-1, 0] == pytest.approx(1 / 4)


def test_slope_of_a_day_is_that_of_least_squares() -> None:
    rng = np.random.default_rng(7)
    z, outcome = rng.normal(size=(2, 30))
    outcome[3] = np.nan
    known = np.isfinite(outcome)
    found = day_slope(z, outcome, 10)
    assert found is not None
    assert found.slope == pytest.approx(OLS(outcome[known], add_constant(z[known])).fit().params[1], abs=1e-12)
    assert found.n == 29
    assert day_slope(z[:9], outcome[:9], 10) is None
    assert day_slope(np.ones(30), outcome, 10) is None


def test_the_record_of_a_session_holds_only_horizons_that_are_over() -> None:
    car = np.array([0.1, -0.2, 0.3, 0.4, np.nan, np.nan])
    found = record_so_far(Cars(car, 2), np.array([0, 2]))
    np.testing.assert_array_equal(found["record_events"], [0, 0, 1, 1, 1, 1])
    np.testing.assert_allclose(found["record_base_rate"], [np.nan, np.nan, 0.1, -0.05, 0.2 / 3, 0.15])
    np.testing.assert_allclose(found["record_base_share_positive"], [np.nan, np.nan, 1, 0.5, 2 / 3, 0.75])
    # The event of session 2 lies within two sessions of the first one kept.
    later = record_so_far(Cars(car, 2), np.array([0, 3]))
    np.testing.assert_array_equal(later["record_events"], [0, 0, 1, 1, 1, 2])
    assert later["record_mean_car"][5] == pytest.approx(0.25)
