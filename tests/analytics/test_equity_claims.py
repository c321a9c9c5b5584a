"""C1 to C3 on prices that a person can check: what is judged, what is only told, and what chance gives beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from analytics.claims import Finding
from analytics.equity_claims import Rule, Sessions, breakout, correlation, streak
from analytics.streaks import p_longest_run_permuted

PROJECT = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
RULE = replace(Rule.of(yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]["claims_equity"]), draws=399)
YEAR = 252


def by_metric(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.metric: finding for finding in findings}


@pytest.mark.parametrize(
    ("day", "ytd", "verdict", "base"),
    [("2026-01-14", 0.0683, "inconclusive", 3.22), ("2026-01-15", 0.0775, "supported", 2.84)],
)
def test_the_claimed_value_implies_a_base_that_nothing_here_can_check(
    day: str, ytd: float, verdict: str, base: float
) -> None:
    rut = pd.DataFrame(
        {
            "session_date": pd.to_datetime(["2026-01-02", day]),
            "is_ath": [False, True],
            "is_fresh_ath": [False, False],
            "ytd_return": [0.01, ytd],
            "history_from": pd.Timestamp("2016-06-28"),
        }
    )
    found = by_metric(breakout(rut, date.fromisoformat(day), RULE))
    assert found["ytd_return_first_days"].verdict == verdict
    implied = found["implied_base_value_usd_tn"]
    assert (implied.verdict, round(float(implied.value or 0), 2)) == ("not_testable", base)


def test_a_streak_brings_its_probability_which_does_not_judge_it() -> None:
    """Nine sessions are the longest run since 2017 and yet come up once in seven years of shuffled signs."""
    p = p_longest_run_permuted(YEAR, 120, 9)
    row = {
        "session_date": pd.Timestamp("2026-01-14"),
        "streak_length": 9,
        "last_longer_or_equal_date": pd.Timestamp("2017-09-01"),
        "history_from": pd.Timestamp("2016-06-29"),
        **{"p_value": p, "wins": 120, "sessions": YEAR},
    }
    found = by_metric(streak(pd.DataFrame([row]), date(2026, 1, 14), RULE))
    whole, chance = found["streak_sessions"], found["streak_chance"]
    assert (whole.verdict, chance.verdict) == ("supported", "inconclusive")
    assert whole.p_value == chance.p_value == p
    assert p == pytest.approx(1 / 7, abs=0.02)
    # 0.215 is the fair coin's of nine in a year; with 120 wins of 252 the longest run has about seven.
    assert chance.null_value == pytest.approx(0.215, abs=0.001)
    assert whole.null_value == pytest.approx(6.84, abs=0.01)


def streak_of(day: date, length: int, history_from: str, wins: int, sessions: int) -> dict[str, Any]:
    """The measures of a night whose streak has no chance in its table."""
    row = {
        "session_date": pd.Timestamp(day),
        "streak_length": length,
        "last_longer_or_equal_date": pd.NaT,
        "history_from": pd.Timestamp(history_from),
        **{"p_value": np.nan, "wins": wins, "sessions": sessions},
    }
    return by_metric(streak(pd.DataFrame([row]), day, RULE))


def test_a_streak_without_a_covered_year_has_no_probability() -> None:
    found = streak_of(date(2026, 1, 14), 9, "2025-12-01", 12, 20)
    assert (found["streak_sessions"].p_value, found["streak_sessions"].null_value) == (None, None)
    assert found["streak_chance"].verdict == "not_testable"


def test_a_january_without_a_win_so_far_was_tested_with_certainty_as_its_chance() -> None:
    found = streak_of(date(2026, 1, 2), 0, "2016-06-29", 120, YEAR)
    whole = found["streak_sessions"]
    assert (whole.verdict, whole.value, whole.p_value, whole.family_tests) == ("not_supported", 0.0, 1.0, 1)
    assert found["streak_chance"].verdict == "not_testable"


def market(partial: float, of_market: float) -> Sessions:
    """Two years in which small caps and crypto correlate by `partial` beside the market, and by it with `of_market`.

    Both are what `of_market` of the market's variance and the rest of their own makes; over each year exactly.
    """
    years = []
    for seed in (1, 2):
        noise = np.random.default_rng(seed).normal(size=(YEAR, 3))
        basis = np.linalg.qr(noise - noise.mean(axis=0))[0] * np.sqrt(YEAR)
        shared, own, other = basis.T
        other = partial * own + np.sqrt(1 - partial**2) * other
        small, crypto = (np.sqrt(of_market) * shared + np.sqrt(1 - of_market) * rest for rest in (own, other))
        years.append(np.array([small, shared, crypto]) * 0.01)
    small, large, crypto = np.hstack(years)
    days = pd.bdate_range(end="2026-01-16", periods=2 * YEAR)
    return Sessions(days, small, large, crypto, np.cumsum(small), np.cumsum(crypto))


@pytest.mark.parametrize(
    ("partial", "of_market", "strong", "beyond"),
    [
        (0.4, 0.5, "supported", "supported"),
        (0.05, 0.6, "supported", "inconclusive"),
        (-0.1, 0.7, "supported", "artefact"),
        (-0.1, 0.0, "not_supported", "inconclusive"),
    ],
)
def test_a_strong_correlation_is_asked_whether_small_caps_bring_it(
    partial: float, of_market: float, strong: str, beyond: str
) -> None:
    """The correlation is what the market shares plus the partial one of the rest: 0.7 − 0.1 · 0.3 = 0.67.

    Without a link of the two there is none that the market could bring.
    """
    found = by_metric(correlation(market(partial, of_market), date(2026, 1, 16), RULE))
    plain, rest = found["pearson_252"], found["partial_given_gspc_252"]
    assert plain.value == pytest.approx(of_market + partial * (1 - of_market), abs=1e-9)
    assert rest.value == pytest.approx(partial, abs=1e-9)
    assert (plain.verdict, rest.verdict) == (strong, beyond)
    assert ("whole equity market shows the link" in rest.reason) == (beyond == "artefact")
    assert ("no link of small caps with crypto is shown" in rest.reason) == (of_market == 0)
