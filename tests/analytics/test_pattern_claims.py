"""C9, C10 and what follows signals: each verdict from numbers a person can check."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from analytics import cycle_claims, pattern_claims

NIGHT = date(2026, 1, 16)
PATTERNS = pattern_claims.Rule(
    alpha=0.05, symbol="^RUT", recent_bars=63, study_horizon=20, study_model="market_model", min_events=5
)
CYCLES = cycle_claims.Rule({2017: 4.23, 2021: 5.03}, 7.02, 0.05, 0.1, 0.95, "daily_ranks", "btc_price")
SESSIONS = pd.DataFrame({"session_date": pd.bdate_range("2025-01-01", "2026-01-30", unit="us"), "is_week_end": False})
SESSIONS.loc[SESSIONS["session_date"].dt.day_of_week == 4, "is_week_end"] = True


def chance(p_any: float, interval: str = "daily") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": "^RUT",
            "bar_interval": interval,
            "as_of_date": pd.Timestamp("2025-12-31"),
            "bars": 252,
            "detections": 8,
            "detections_per_1000": 31.7,
            "chance_per_1000": 19.0,
            "chance_low": 4.0,
            "chance_high": 36.0,
            "p_value": 0.09,
            "chance_breakouts": [[1.0, p_any, p_any / 5, 0.0005]],
            "block_bars": 3,
            "reason": "",
        }
    )


def patterns(*breakouts: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": "^RUT",
            "bar_interval": "daily",
            "head_date": pd.Timestamp("2025-12-01"),
            "breakout_date": pd.to_datetime(list(breakouts)),
            "status": "breakout",
        }
    )


@pytest.mark.parametrize(
    ("breakouts", "p_any", "verdict"),
    [
        ((), 0.001, "not_supported"),
        (("2025-06-02",), 0.001, "not_supported"),  # long ago
        (("2026-01-13",), 0.56, "artefact"),
        (("2026-01-13",), 0.01, "supported"),
        (("2026-01-12", "2026-01-13"), 0.04, "supported"),
        (("2026-01-20",), 0.01, "not_supported"),  # the night does not know it
    ],
)
def test_a_breakout_counts_when_chance_seldom_gives_as_many(
    breakouts: tuple[str, ...], p_any: float, verdict: str
) -> None:
    found = pattern_claims.chart_pattern(patterns(*breakouts), chance(p_any), SESSIONS, NIGHT, PATTERNS)
    by_metric = {finding.metric: finding for finding in found}
    assert by_metric["breakouts:daily"].verdict == verdict
    assert by_metric["breakouts:weekly"].verdict == "not_testable"
    assert by_metric["patterns_per_1000:daily"].verdict == "inconclusive"
    assert by_metric["breakouts:daily"].family_tests == 2


def study(n: int, car: float, p: float, reason: str = "") -> pd.DataFrame:
    row = {"signal": "fresh_ath", "horizon_sessions": 20, "model": "market_model", "n_measured": n, "mean_car": car}
    row |= {"base_rate": 0.01, "share_positive": 0.6, "base_share_positive": 0.5, "minimum_detectable": 0.08}
    return pd.DataFrame([{**row, "p_holm": p, "family_tests": 9, "reason": reason}])


@pytest.mark.parametrize(
    ("events", "verdict"),
    [
        (study(4, 0.2, 0.001), "not_testable"),
        (study(0, float("nan"), float("nan"), "no event"), "not_testable"),
        (study(12, 0.2, 0.3), "inconclusive"),
        (study(12, 0.2, 0.01), "supported"),
        (study(12, -0.2, 0.01), "not_supported"),
    ],
)
def test_what_follows_a_signal(events: pd.DataFrame, verdict: str) -> None:
    [found] = pattern_claims.after_signals(events, PATTERNS)
    assert (found.claim_id, found.verdict) == ("C1", verdict)
    if verdict != "not_testable":
        assert "12 events" in found.reason
        assert "8.0%" in found.reason
        assert found.null_value == 0.01


def series(first: str, last: str, *, inside: bool = True, since: str = "2016-06-01") -> pd.DataFrame:
    days = pd.date_range(first, last, unit="us")
    return pd.DataFrame(
        {
            "date": days,
            "membership": "daily_ranks",
            "denominator": "btc_price",
            "ratio": 1.0 if inside else 1.3,
            "support_low": 0.99,
            "support_high": 1.05,
            "support_lows": 3,
            "support_since": pd.Timestamp(since),
            "support_touches": 2,
            "is_in_support": inside,
        }
    )


def gains(*peaks: tuple[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "membership": "daily_ranks",
            "denominator": "btc_price",
            "min_amplitude": 1.0,
            "min_days": 90,
            "is_main_rule": True,
            "peak_date": [pd.Timestamp(peak) for peak, _ in peaks],
            "gain": [gain for _, gain in peaks],
        }
    )


def verdicts(daily: pd.DataFrame, cycles: pd.DataFrame) -> dict[str, str]:
    found = cycle_claims.cycles_and_projection(daily, cycles, NIGHT, CYCLES)
    return {finding.metric: finding.verdict for finding in found}


def test_a_support_that_the_history_cannot_hold_is_not_testable() -> None:
    found = verdicts(series("2024-12-01", "2026-01-16", since="2025-12-01"), gains())
    assert [found[name] for name in ("at_support", "cycle_gain:2017", "cycle_gain:2021")] == ["not_testable"] * 3
    monthly = series("2016-01-01", "2026-01-16").iloc[::30]
    assert verdicts(monthly[monthly["date"] < "2026-01-10"], gains())["at_support"] == "not_testable"
    assert verdicts(monthly[:0], gains())["at_support"] == "not_testable"


def test_with_the_whole_history_the_claim_can_stand_and_fall() -> None:
    long = gains(("2017-12-20", 4.3), ("2021-05-10", 9.0))
    found = verdicts(series("2016-01-01", "2026-01-16"), long)
    assert found["at_support"] == "supported"
    assert found["cycle_gain:2017"] == "supported"
    assert found["cycle_gain:2021"] == "not_supported"
    assert verdicts(series("2016-01-01", "2026-01-16", since="2025-12-01"), long)["at_support"] == "inconclusive"
    assert verdicts(series("2016-01-01", "2026-01-16", inside=False), long)["at_support"] == "not_supported"
    assert verdicts(series("2016-01-01", "2026-01-16"), gains())["cycle_gain:2017"] == "not_supported"


def test_the_projection_follows_from_no_rule_and_the_interval_holds_nearly_everything() -> None:
    found = {
        finding.metric: finding
        for finding in cycle_claims.cycles_and_projection(series("2024-12-01", "2026-01-16"), gains(), NIGHT, CYCLES)
    }
    golden = {"mean": 463, "linear": 583, "percent_ratio": 598, "log_step": 595}
    for name, percent in golden.items():
        row = found[f"extrapolated_gain:{name}"]
        assert (round(100 * (row.value or 0)), row.verdict) == (percent, "not_supported")
    interval = found["prediction_interval"]
    assert round(100 * (interval.ci_low or 0)) == 17
    assert 100 * (interval.ci_high or 0) == pytest.approx(2590, abs=5)
    assert interval.verdict == "inconclusive"


def test_forecasts_without_a_horizon_are_counted() -> None:
    ledger = pd.DataFrame(
        {"forecast_id": ["a", "b", "pattern-x"], "horizon_days": [None, None, 92.0], "target_return": [0.2, 7.02, 0.1]}
    )
    found = cycle_claims.unscorable(ledger)
    assert (found.value, found.n, found.verdict) == (2.0, 2, "not_testable")
    assert "+20 % to +702 %" in found.reason
    assert cycle_claims.unscorable(ledger[2:]).verdict == "not_testable"
