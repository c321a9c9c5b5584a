"""Chart patterns: shapes a person can draw, no look-ahead, and the smoother against statsmodels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.nonparametric.kernel_regression import KernelReg

from analytics.pattern_tables import Chance, bars_of, chance_table, pattern_table, scan_table
from analytics.patterns import Rule, count, cross_validated, find, first_of_each_head, outcomes, smoothed

MARKET = Path(__file__).parents[3] / "shared" / "real_market"
RULE = Rule(
    lookback=35,
    lag=3,
    bandwidths=(1.0, 1.4, 2.0, 2.8, 4.0),
    bandwidth_scale=0.3,
    tolerance=0.015,
    breakout_margin=0.005,
    watch_bars=63,
)
CORNERS = ((0, 110.0), (20, 95.0), (25, 100.0), (31, 90.0), (37, 100.0), (41, 95.2), (50, 104.0), (70, 112.0))
E = np.array([20, 25, 31, 37, 41])


def drawn(*corners: tuple[int, float]) -> np.ndarray:
    at, level = zip(*corners, strict=True)
    return np.interp(np.arange(at[-1] + 1), at, level)


def found_in(closes: np.ndarray) -> list[tuple[int, list[int]]]:
    found = first_of_each_head(find(closes, np.arange(len(closes)), RULE))
    return [(int(end), points.tolist()) for end, points in zip(found.end, found.points, strict=True)]


def judged(closes: np.ndarray, end: int = 44) -> dict[str, object]:
    result = outcomes(closes[None], np.array([end]), E[None], RULE)
    return {name: column[0] for name, column in zip(result._fields, result, strict=True)}


def test_a_drawn_pattern_is_known_three_bars_after_its_last_shoulder() -> None:
    assert found_in(drawn(*CORNERS)) == [(44, E.tolist())]


@pytest.mark.parametrize(
    ("corner", "level", "why"),
    [
        (1, 97.0, "the shoulders are 1.9 % apart"),
        (2, 102.0, "the neckline's ends are 2 % apart"),
        (3, 95.1, "the head is no lower than a shoulder"),
    ],
)
def test_what_is_not_the_pattern_is_not_found(corner: int, level: float, why: str) -> None:
    corners = list(CORNERS)
    corners[corner] = (corners[corner][0], level)
    assert found_in(drawn(*corners)) == [], why


def test_a_missing_close_hides_the_windows_that_hold_it() -> None:
    closes = drawn(*CORNERS)
    closes[30] = np.nan
    assert found_in(closes) == []


@given(st.integers(0, 10_000), st.integers(38, 200))
@settings(max_examples=25)
def test_cutting_the_future_changes_no_pattern_that_was_known(seed: int, cut: int) -> None:
    closes = np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.012, 200)))
    whole = [pattern for pattern in found_in(closes) if pattern[0] < cut]
    assert found_in(closes[:cut]) == whole


def test_breakout_target_and_failure() -> None:
    closes = drawn(*CORNERS)
    # The neckline is flat at 100; from 95.2 at bar 41 to 104 at bar 50 the close passes 100.5 at bar 47.
    found = judged(closes)
    assert (found["breakout"], found["target"], found["status"]) == (3, 110.0, "target_reached")
    assert closes[44 + int(str(found["reached"]))] >= 110 > closes[43 + int(str(found["reached"]))]
    assert judged(closes[:46])["status"] == "waiting"
    assert judged(closes[:50])["status"] == "breakout"
    fell = drawn(*CORNERS[:6], (43, 97.0), (50, 90.0), (60, 110.0))
    assert {name: judged(fell)[name] for name in ("breakout", "status")} == {"breakout": -1, "status": "failed"}
    late = drawn(*CORNERS[:6], (44, 98.0), (120, 98.0), (125, 105.0))
    assert judged(late)["status"] == "expired"
    back = drawn(*CORNERS[:6], (48, 102.0), (60, 94.0), (80, 120.0))
    assert (judged(back)["status"], judged(back)["reached"]) == ("failed", -1)


def test_a_neckline_that_slopes_is_followed_to_the_breakout() -> None:
    corners = [(at, level + 0.1 * (at - 25) / 12 if at in (25, 37) else level) for at, level in CORNERS]
    closes = drawn(*corners)
    found = outcomes(closes[None], np.array([44]), E[None], RULE)
    slope = (closes[37] - closes[25]) / 12
    neckline = closes[25] + slope * (np.arange(len(closes)) - 25)
    broken = 44 + int(found.breakout[0])
    assert closes[broken] > neckline[broken] * 1.005
    assert (closes[45:broken] <= neckline[45:broken] * 1.005).all()
    assert found.target[0] == pytest.approx(neckline[broken] + neckline[31] - closes[31], abs=1e-12)


def test_smoother_and_cross_validation_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    windows = 100 * np.exp(np.cumsum(rng.normal(0, 0.013, (6, 38)), axis=1))
    windows[3:] += rng.normal(0, 3.0, (3, 38))
    chosen = cross_validated(windows, RULE.bandwidths)
    curves = smoothed(windows, chosen, tuple(0.3 * h for h in RULE.bandwidths))
    bars = np.arange(38.0)
    for window, at, curve in zip(windows, chosen, curves, strict=True):
        errors = []
        for bandwidth in RULE.bandwidths:
            regression = KernelReg(window, bars, "c", "lc", np.array([bandwidth]))
            errors.append(regression.cv_loo(np.array([bandwidth]), regression.est["lc"]))
        assert int(np.argmin(errors)) == at
        used = np.array([0.3 * RULE.bandwidths[at]])
        mean, _ = KernelReg(window, bars, "c", "lc", used).fit()
        np.testing.assert_allclose(curve, mean, rtol=1e-9)


def test_patterns_in_paths_are_counted_as_in_one_series() -> None:
    paths = np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.012, (40, 252)), axis=1))
    counted = count(paths, RULE, 63)
    for path, patterns, breakouts in zip(paths, *counted, strict=True):
        found = first_of_each_head(find(path, np.arange(252), RULE))
        decided = outcomes(np.broadcast_to(path, (len(found.end), 252)), found.end, found.points, RULE)
        broken = (decided.breakout >= 0) & (found.end + decided.breakout >= 252 - 63)
        assert (patterns, breakouts) == (len(found.end), int(broken.sum()))
    assert counted.patterns.sum() > 40


def table_inputs(closes: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    days = pd.bdate_range("2025-01-01", periods=len(closes))
    weeks = days.isocalendar().week.to_numpy()
    sessions = pd.DataFrame(
        {
            "session_date": days,
            "close_at": days.tz_localize("UTC") + pd.Timedelta(hours=21),
            "is_week_end": np.append(weeks[1:] != weeks[:-1], True),
        }
    )
    return sessions, pd.DataFrame({"session_date": days, "series": "^RUT", "price": closes})


def test_only_windows_with_other_closes_are_scanned_again() -> None:
    closes = np.exp(np.cumsum(np.random.default_rng(6).normal(0, 0.012, 150)))
    sessions, prices = table_inputs(closes)
    bars = [bars_of(sessions, prices, "^RUT", "daily")]
    stored = scan_table(bars, None, RULE, "h").to_pandas().astype({"session_date": "datetime64[us]"})
    assert len(stored) == 150 - 37
    assert scan_table(bars, stored, RULE, "h").num_rows == 0
    assert scan_table(bars, stored, RULE, "other").num_rows == 150 - 37
    prices.loc[100, "price"] *= 1.01
    again = scan_table([bars_of(sessions, prices, "^RUT", "daily")], stored, RULE, "h").to_pandas()
    assert again["session_date"].tolist() == sessions["session_date"].dt.date[100:138].tolist()


def test_a_pattern_is_stamped_with_the_close_at_which_it_was_known() -> None:
    sessions, prices = table_inputs(drawn(*CORNERS))
    bars = [bars_of(sessions, prices, "^RUT", "daily")]
    scans = scan_table(bars, None, RULE, "h").to_pandas()
    [row] = pattern_table(bars, scans[scans["is_pattern"]], RULE, "h").to_pylist()
    assert row["head_date"] == sessions["session_date"].dt.date[31]
    assert row["confirmed_at"] == sessions["close_at"][44]
    assert row["breakout_date"] == sessions["session_date"].dt.date[47]


def test_chance_is_drawn_once_a_month_and_repeats_to_the_bit() -> None:
    closes = np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.012, 200)))
    sessions, prices = table_inputs(closes)
    bars = [bars_of(sessions, prices, "^RUT", "daily")]
    chance = Chance(("^RUT",), {"daily": 100, "weekly": 60}, recent_bars=20, draws=50, confidence=0.95)
    first = chance_table(bars, None, RULE, chance, "h")
    assert first.equals(chance_table(bars, None, RULE, chance, "h"))
    stored = first.to_pandas().astype({"as_of_date": "datetime64[us]"})
    assert chance_table(bars, stored, RULE, chance, "h").num_rows == 0
    row = first.to_pylist()[0]
    assert row["chance_breakouts"][0] == 1.0
    assert 0 < row["p_value"] <= 1
    short = Chance(("^RUT",), {"daily": 300, "weekly": 60}, recent_bars=20, draws=50, confidence=0.95)
    [lacking] = chance_table(bars, None, RULE, short, "h").to_pylist()
    assert lacking["p_value"] is None
    assert "of 300 bars" in lacking["reason"]


@pytest.mark.skipif(not MARKET.is_dir(), reason="the recorded market is not beside this checkout")
def test_the_recorded_russell_has_no_more_patterns_than_resampled_returns() -> None:
    bars = pd.read_csv(MARKET / "equity_bars.csv", parse_dates=["session_date"])
    rut = bars[bars["symbol"] == "^RUT"].set_index("session_date")["close"][:"2026-01-16"]
    known = [(rut.index[end], rut.index[points[2]]) for end, points in found_in(rut.to_numpy())]
    assert (pd.Timestamp("2026-01-12"), pd.Timestamp("2025-12-31")) in known
    returns = np.diff(np.log(rut.to_numpy()[-253:]))
    rng = np.random.default_rng(1)
    paths = np.exp(np.cumsum(rng.choice(returns, (300, 252)), axis=1))
    real = count(rut.to_numpy()[None, -252:], RULE, 63).patterns[0]
    assert np.mean(count(paths, RULE, 63).patterns >= real) > 0.05
