"""Support zones and cycles on ratios a person can draw, no look-ahead, and the golden figures of the extrapolations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from analytics.cycle_tables import CycleRule, daily_table, gains_table
from analytics.cycles import ZoneRule, cycles, extrapolate, pivot_lows, support_zones

ZONE = ZoneRule(pivot_days=3, lows=3, width=0.08, min_coverage=1.0)
CYCLE = CycleRule(1.0, 90, (0.5, 2.0), (30, 180))


def drawn(*corners: tuple[int, float]) -> np.ndarray:
    at, level = zip(*corners, strict=True)
    return np.log(np.interp(np.arange(at[-1] + 1), at, level))


def test_a_pivot_low_is_strict_and_needs_its_neighbours() -> None:
    values = np.array([5.0, 4, 3, 4, 5, 4, 4, 4, 5, np.nan, 3, 4, 5, 6])
    assert pivot_lows(values, 2).tolist() == [2]
    assert pivot_lows(values, 2, 0.5).tolist() == [2, 10]


LOWS = [(0, 1.3), (10, 1.0), (20, 1.3), (30, 1.05), (40, 1.3), (50, 1.02), (60, 1.3)]


def test_three_lows_make_a_zone_when_the_third_is_known() -> None:
    [zone] = support_zones(drawn(*LOWS), ZONE)
    assert (zone.since, zone.pivots) == (53, (10, 30, 50))
    assert np.exp([zone.low, zone.high]) == pytest.approx([1.0, 1.05])
    assert support_zones(drawn(*LOWS[:5]), ZONE) == []
    apart = [(at, 1.0 if at == 10 else 1.09 if at == 30 else level) for at, level in LOWS]
    assert support_zones(drawn(*apart), ZONE) == []


def test_touches_are_counted_after_the_zone_is_known_and_end_when_it_is_closed_below() -> None:
    touched = [*LOWS, (70, 1.02), (80, 1.3), (90, 1.01), (91, 1.06), (95, 0.9), (100, 1.3), (110, 1.02), (120, 1.3)]
    [zone] = support_zones(drawn(*touched), ZONE)
    assert len(zone.touches) == 3
    assert min(zone.touches) > zone.since
    assert zone.held == 1
    assert 91 < zone.broken <= 95


@given(st.integers(0, 10_000), st.integers(20, 150))
@settings(max_examples=40)
def test_cutting_the_future_changes_no_zone_and_no_cycle_that_was_known(seed: int, cut: int) -> None:
    values = np.cumsum(np.random.default_rng(seed).normal(0, 0.08, 150))
    whole = support_zones(values, ZONE)
    known = [(zone.since, zone.low, zone.high, zone.pivots) for zone in whole if zone.since < cut]
    assert [(zone.since, zone.low, zone.high, zone.pivots) for zone in support_zones(values[:cut], ZONE)] == known
    days = np.arange(150)
    complete = [cycle for cycle in cycles(days, values, 0.5, 10) if -1 < cycle.peak_known < cut]
    assert [cycle for cycle in cycles(days[:cut], values[:cut], 0.5, 10) if cycle.peak >= 0] == complete


def test_gains_between_turning_points() -> None:
    values = drawn((0, 2.0), (100, 1.0), (300, 6.03), (450, 2.0), (700, 12.06), (900, 5.0))
    found = cycles(np.arange(901), values, 1.0, 90)
    assert [(cycle.trough, cycle.peak) for cycle in found] == [(100, 300), (450, 700)]
    assert [cycle.gain for cycle in found] == pytest.approx([5.03, 5.03])
    assert all(cycle.trough_known >= cycle.trough + 90 for cycle in found)
    assert np.exp(values[found[0].peak_known]) <= 6.03 / 2


def test_a_rise_that_is_too_short_or_too_small_is_no_cycle() -> None:
    days = np.arange(601)
    spike = drawn((0, 2.0), (100, 1.0), (130, 3.0), (160, 1.1), (400, 1.2), (600, 1.3))
    assert cycles(days, spike, 1.0, 90) == []
    assert [cycle.peak for cycle in cycles(days, spike, 1.0, 20)] == [130]
    small = drawn((0, 2.0), (100, 1.0), (300, 1.9), (600, 1.0))
    assert cycles(days, small, 1.0, 90) == []
    assert len(cycles(days, small, 0.5, 90)) == 1


def test_a_cycle_under_way_has_no_peak() -> None:
    [cycle] = cycles(np.arange(301), drawn((0, 2.0), (100, 1.0), (300, 3.0)), 1.0, 90)
    assert (cycle.trough, cycle.peak, cycle.peak_known) == (100, -1, -1)
    assert cycle.gain == pytest.approx(2.0)


def test_golden_extrapolations_of_423_and_503_percent() -> None:
    found = extrapolate([4.23, 5.03])
    rules = [found.mean, found.linear, found.percent_ratio, found.log_step]
    assert [round(100 * gain) for gain in rules] == [463, 583, 598, 595]
    assert round(100 * found.low) == 17
    assert round(found.high, 1) == 25.9


def test_the_prediction_interval_is_that_of_a_regression_on_a_constant() -> None:
    gains = [4.23, 5.03, 2.0, 3.1]
    logs = np.log1p(gains)
    frame = OLS(logs, np.ones(4)).fit().get_prediction([[1.0]]).summary_frame(alpha=0.05)
    found = extrapolate(gains)
    assert np.log1p(found.low) == pytest.approx(frame["obs_ci_lower"][0], abs=1e-9)
    assert np.log1p(found.high) == pytest.approx(frame["obs_ci_upper"][0], abs=1e-9)
    assert np.log1p(found.centre) == pytest.approx(stats.tmean(logs), abs=1e-9)
    with pytest.raises(ValueError, match="two gains"):
        extrapolate([4.23])


def rows(values: np.ndarray) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=len(values), unit="us")
    return pd.DataFrame(
        {
            "date": days,
            "membership": "daily_ranks",
            "denominator": "btc_price",
            "others_value_usd": 1.0,
            "n_coins": 115,
            "ratio": np.exp(values),
            "provider": "p",
            "reason": "",
        }
    )


def test_each_day_tells_what_was_known_on_it() -> None:
    values = drawn(*LOWS, (70, 1.02), (80, 1.3))
    table = daily_table(rows(values), ZONE, CYCLE, "h").to_pandas()
    assert table["support_low"].isna().sum() == 53
    assert table["support_touches"].iloc[[53, 69, 70]].tolist() == [0, 1, 1]
    assert table["is_in_support"].iloc[[53, 70]].tolist() == [False, True]
    for cut in (54, 60, 75):
        earlier = daily_table(rows(values[:cut]), ZONE, CYCLE, "h").to_pandas()
        pd.testing.assert_frame_equal(earlier, table[:cut], check_dtype=False)


def test_missing_days_are_no_daily_series() -> None:
    monthly = rows(drawn(*LOWS)).iloc[::30]
    table = daily_table(monthly, ZONE, CYCLE, "h")
    assert table.num_rows == 3
    assert table.column("support_low").null_count == 3


def test_gains_are_listed_under_every_setting() -> None:
    values = drawn((0, 2.0), (100, 1.0), (300, 6.03), (450, 2.0))
    table = gains_table(rows(values), CYCLE, "h").to_pandas()
    assert sorted(set(zip(table["min_amplitude"], table["min_days"], strict=True))) == CYCLE.settings
    assert table.loc[table["is_main_rule"], "gain"].tolist() == pytest.approx([5.03])


@pytest.mark.parametrize("seed", range(8))
def test_zones_gathered_and_followed_one_at_a_time_are_the_same(seed: int) -> None:
    """A second way: extremes by rolling minima, each zone followed alone, on walks that miss one day in fifty."""
    rng = np.random.default_rng(seed)
    values = np.where(rng.random(600) < 0.02, np.nan, np.cumsum(rng.normal(0, 0.02, 600)))
    rule = ZoneRule(pivot_days=5, lows=3, width=0.08, min_coverage=0.6)
    ours = daily_table(rows(values), rule, CYCLE, "h").to_pandas()
    ratio = np.log(pd.Series(np.exp(values), pd.to_datetime(ours["date"])))
    zones = sorted(zones_again(ratio, rule), key=lambda zone: float(zone["high"]))
    assert sum(len(zone["touches"]) for zone in zones) > 0
    names = ("low", "high", "lows", "since")
    told = pd.DataFrame(np.nan, ratio.index, [*names, "touches"], dtype=object)
    for zone in zones:
        for day in ratio.index[(ratio.index >= zone["since"]) & (ratio.index < zone["broken"])]:
            told.loc[day] = [*(zone[name] for name in names), sum(touch <= day for touch in zone["touches"])]
    for name in ("low", "high"):
        level = np.exp(told[name].astype(float))
        np.testing.assert_allclose(ours[f"support_{name}"], level, rtol=1e-9)
    for name in ("lows", "touches"):
        np.testing.assert_array_equal(ours[f"support_{name}"].astype(float), told[name].astype(float))
    assert pd.to_datetime(ours["support_since"]).fillna(pd.Timestamp(0)).tolist() == [
        pd.Timestamp(0) if pd.isna(day) else day for day in told["since"]
    ]


def zones_again(ratio: pd.Series, rule: ZoneRule) -> list[dict[str, Any]]:
    """Zones with the day from which each was known, the day that closed below it, and the touches between."""
    k, width = rule.pivot_days, np.log1p(rule.width)
    fewest = int(np.ceil(rule.min_coverage * k))
    before, after = (one.rolling(k, min_periods=fewest).min().shift() for one in (ratio, ratio[::-1]))
    lows = np.flatnonzero((ratio < before) & (ratio < after.reindex(ratio.index)))
    found: list[dict[str, Any]] = []
    free: list[int] = []
    for newest in lows[(lows >= k) & (lows < len(ratio) - k)]:
        free.append(newest)
        levels = ratio.iloc[free]
        spans = [levels[levels.between(low, low + width)] for low in levels]
        cluster = max((span for span in spans if ratio.index[newest] in span.index), key=len)
        if len(cluster) >= rule.lows:
            found.append(followed(ratio, cluster, ratio.index[newest + k]))
            free = [low for low in free if ratio.index[low] not in cluster.index]
    return found


def followed(ratio: pd.Series, cluster: pd.Series, since: pd.Timestamp) -> dict[str, Any]:
    low, high, known = cluster.min(), cluster.max(), ratio.dropna()
    below = known.index[(known < low) & (known.index > since)]
    broken = below[0] if len(below) else ratio.index[-1] + pd.Timedelta(days=1)
    entered = known.index[(known.shift() > high) & (known <= high)]
    touches = [day for day in entered if since < day < broken]
    return {"low": low, "high": high, "lows": len(cluster), "since": since, "broken": broken, "touches": touches}
