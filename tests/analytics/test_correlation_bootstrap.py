"""Bootstrap intervals: the resamples themselves, coverage, and on which dates they are made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.bootstrap import resampled_positions
from analytics.correlation_bootstrap import drawn_counts, resampled_correlations
from analytics.equity_crypto import Rule, correlation_table
from tests.proofs import series

RULE = Rule(
    windows=(21, 63),
    control="^GSPC",
    min_coverage=0.9,
    min_pairs=8,
    confidence=0.95,
    ewma_decay=0.94,
    winsor_share=0.01,
    draws=199,
    reference_sessions=80,
)


@given(st.integers(0, 10_000), st.integers(0, 5))
def test_counts_of_draws_give_the_correlation_of_the_drawn_pairs(seed: int, missing: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 40))
    x[rng.choice(40, missing, replace=False)] = np.nan
    positions = resampled_positions(40, 3, 8, rng)
    found = resampled_correlations(x, y, drawn_counts(positions))
    for row, at in enumerate(positions):
        both = np.isfinite(x[at])
        assert found[row] == pytest.approx(np.corrcoef(x[at][both], y[at][both])[0, 1], abs=1e-9)


def test_counts_add_up_to_the_size_of_the_sample() -> None:
    positions = resampled_positions(30, 4, 10, np.random.default_rng(1))
    counts = drawn_counts(positions)
    assert (counts.sum(axis=1) == 30).all()
    assert counts[3, 7] == (positions[3] == 7).sum()


def test_a_series_that_does_not_move_has_no_interval() -> None:
    counts = drawn_counts(resampled_positions(30, 4, 10, np.random.default_rng(1)))
    assert np.isnan(resampled_correlations(np.ones(30), np.arange(30.0), counts)).all()


def test_only_pearson_at_month_ends_and_the_last_session_has_a_bootstrap_interval() -> None:
    table = correlation_table(*market(), None, RULE, "p").to_pandas()
    pair = table[(table["equity_symbol"] == "^RUT") & (table["crypto_series"] == "total_cap")]
    told = pair[pair["bootstrap_low"].notna()]
    assert set(told["method"]) == {"pearson"}
    sessions = market()[0]
    due = sessions[sessions["is_month_end"] | (sessions.index == len(sessions) - 1)]["session_date"].dt.date
    window = told[told["window_sessions"] == 63]
    assert set(window["session_date"]) == {day for day in due if day >= min(window["session_date"])}
    assert (window["bootstrap_low"] < window["correlation"]).all()
    assert (window["correlation"] < window["bootstrap_high"]).all()


def test_a_later_night_computes_new_sessions_only_and_gives_the_same_bits() -> None:
    sessions, returns = market()
    cut = sessions["session_date"].iloc[-3]
    before = correlation_table(
        sessions[sessions["session_date"] <= cut].reset_index(drop=True),
        returns[returns["session_date"] <= cut],
        None,
        RULE,
        "p",
    ).to_pandas()
    whole = correlation_table(sessions, returns, None, RULE, "p").to_pandas()
    stored = before[["session_date", "inputs_hash", "params_hash"]].drop_duplicates()
    stored["session_date"] = pd.to_datetime(stored["session_date"])
    later = correlation_table(sessions, returns, stored, RULE, "p").to_pandas()
    assert sorted(set(later["session_date"])) == [day.date() for day in sessions["session_date"].iloc[-2:]]
    keys = ["session_date", "equity_symbol", "crypto_series", "window_sessions", "method"]
    # The session that was the last one has a bootstrap interval that a run of the whole does not make.
    inner = before[before["session_date"] < cut.date()]
    again = whole[whole["session_date"] < cut.date()]
    pd.testing.assert_frame_equal(
        inner.sort_values(keys).reset_index(drop=True), again.sort_values(keys).reset_index(drop=True), rtol=0, atol=0
    )


def market(n: int = 150) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of int_xnys_sessions and int_session_returns: ^RUT, ^GSPC and total cap at UTC closes."""
    days = pd.bdate_range("2025-01-03", periods=n)
    month = days.month.to_numpy()
    sessions = pd.DataFrame(
        {"session_date": days, "is_week_end": days.dayofweek == 4, "is_month_end": [*(month[:-1] != month[1:]), False]}
    )
    rng = series.generator("bootstrap market")
    rut, total = series.linked(n, 0.5, rng)
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
        for name, alignment, values in (
            ("^RUT", "session_close", rut),
            ("^GSPC", "session_close", 0.7 * rut + rng.normal(0, 0.005, n)),
            ("total_cap", "utc_close", total),
        )
    ]
    return sessions, pd.concat(parts, ignore_index=True)
