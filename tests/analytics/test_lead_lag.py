"""Lead and lag: statsmodels' own numbers, the planted lag, and what is computed again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.ar_model import AutoReg, ar_select_order
from statsmodels.tsa.stattools import ccf

from analytics.lead_lag import autoregression, cross_correlations, largest_by_chance, whitened
from analytics.lead_lag_table import Rule, lead_lag_table
from tests.proofs import series

RULE = Rule(window_sessions=120, max_lag=5, max_order=3, min_coverage=0.9, draws=199, confidence=0.95)


@pytest.mark.parametrize("phi", [0.0, 0.4])
def test_the_filter_is_the_autoregression_of_statsmodels(phi: float) -> None:
    x = series.linked(400, 0.5, series.generator("filter"), phi=phi)[0]
    order = ar_select_order(x, 6, ic="bic").ar_lags or [0]
    theirs = AutoReg(x, max(order), hold_back=6).fit()
    ours = autoregression(x, 6)
    np.testing.assert_allclose(ours, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(whitened(x, ours)[6:], theirs.resid, rtol=0, atol=1e-12)


def test_a_gap_costs_the_rows_that_need_it_and_no_others() -> None:
    x = series.linked(300, 0.5, series.generator("gap"), phi=0.5)[0]
    x[100] = np.nan
    coefficients = autoregression(x, 2)
    order = len(coefficients) - 1
    assert order >= 1
    missing = np.flatnonzero(np.isnan(whitened(x, coefficients)))
    assert missing.tolist() == [*range(order), *range(100, 101 + order)]
    with pytest.raises(ValueError, match="too few for an autoregression of order 2"):
        autoregression(x[:5], 2)


@given(st.integers(0, 10_000))
def test_cross_correlations_are_those_of_statsmodels(seed: int) -> None:
    x, y = np.random.default_rng(seed).normal(size=(2, 60))
    found = cross_correlations(x, y, 5)
    # statsmodels' ccf(a, b)[k] pairs a_{t+k} with b_t.
    np.testing.assert_allclose(found.correlation[5:], ccf(y, x, adjusted=True)[:6], rtol=0, atol=1e-12)
    np.testing.assert_allclose(found.correlation[5::-1], ccf(x, y, adjusted=True)[:6], rtol=0, atol=1e-12)
    assert found.n.tolist() == [60 - abs(lag) for lag in range(-5, 6)]


def test_a_series_that_does_not_move_has_no_cross_correlation() -> None:
    found = cross_correlations(np.ones(30), np.random.default_rng(1).normal(size=30), 3)
    assert np.isnan(found.correlation).all()


def test_the_null_is_the_maximum_over_the_resamples_themselves() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 50))
    y[7] = np.nan
    positions = rng.integers(50, size=(20, 50))
    found = largest_by_chance(np.array([x, -2 * x]), y, 4, positions)
    pairs = cross_correlations(x, y, 4).n
    for draw, at in enumerate(positions):
        again = cross_correlations(x, y[at], 4)
        expected = np.abs(again.correlation * again.n / pairs).max()
        assert found[:, draw] == pytest.approx([expected, expected], abs=1e-5)


@pytest.mark.parametrize("lead", [-4, 0, 3])
def test_the_planted_lag_stands_out_of_the_band_and_no_other(lead: int) -> None:
    table = lead_lag_table(*market(0.6, lead), None, RULE, "p").to_pandas()
    newest = table[(table["as_of_date"] == table["as_of_date"].max()) & (table["equity_symbol"] == "^RUT")]
    beyond = newest[newest["correlation"].abs() > newest["band_high"]]
    assert beyond["lag_sessions"].tolist() == [lead]
    assert (beyond["p_value"] <= 1 / 200).all()
    assert (newest["alignment"] == "utc_close").all()


def test_only_month_ends_and_the_last_session_are_computed_and_only_when_their_inputs_changed() -> None:
    sessions, returns = market(0.5, 0)
    first = lead_lag_table(sessions, returns, None, RULE, "p")
    dates = sorted(set(first.column("as_of_date").to_pylist()))
    is_due = sessions["is_month_end"] | (sessions.index == len(sessions) - 1)
    assert dates == [day.date() for day in sessions.loc[is_due, "session_date"]]
    stored = first.select(["as_of_date", "inputs_hash", "params_hash"]).to_pandas().drop_duplicates()
    stored["as_of_date"] = pd.to_datetime(stored["as_of_date"])
    assert lead_lag_table(sessions, returns, stored, RULE, "p").num_rows == 0
    assert lead_lag_table(sessions, returns, stored, RULE, "other").num_rows == first.num_rows
    restated = returns.copy()
    restated.loc[restated.index[-1], "log_return"] += 0.01
    again = lead_lag_table(sessions, restated, stored, RULE, "p")
    assert set(again.column("as_of_date").to_pylist()) == {dates[-1]}


def test_the_same_inputs_give_the_same_bits() -> None:
    first, second = (lead_lag_table(*market(0.5, 0), None, RULE, "p") for _ in range(2))
    assert first.equals(second)


def test_a_window_that_is_not_covered_says_why() -> None:
    sessions, returns = market(0.5, 0)
    rows = lead_lag_table(sessions, returns, None, RULE, "p").to_pandas()
    early = rows[(rows["as_of_date"] == rows["as_of_date"].min()) & (rows["crypto_series"] == "total_cap")]
    early = early[early["equity_symbol"] == "^RUT"]
    assert set(early["reason"]) == {"21 of at least 108 returns"}
    assert early["correlation"].isna().all()
    missing = rows[(rows["crypto_series"] == "btc")]
    assert set(missing["reason"]) == {"no data"}


def market(correlation: float, lead: int, n: int = 200) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of int_xnys_sessions and int_session_returns: ^RUT at its close, total cap at UTC closes, n sessions."""
    days = pd.bdate_range("2025-01-03", periods=n)
    month = days.month.to_numpy()
    sessions = pd.DataFrame(
        {"session_date": days, "is_week_end": days.dayofweek == 4, "is_month_end": [*(month[:-1] != month[1:]), False]}
    )
    pair = series.linked(n, correlation, series.generator("a market", lead), lead=lead)
    parts = [
        pd.DataFrame(
            {
                "session_date": days,
                "series": name,
                "alignment": alignment,
                "is_week_end": sessions["is_week_end"],
                "log_price": np.cumsum(values),
                "log_return": values,
                "week_return": np.nan,
                "provider": "p",
            }
        )
        for name, alignment, values in (("^RUT", "session_close", pair[0]), ("total_cap", "utc_close", pair[1]))
    ]
    return sessions, pd.concat(parts, ignore_index=True)
