"""C7: each verdict from rows a person can check."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.drawdown_claims import Rule, below_their_peak

RULE = Rule(many=0.25, confidence=0.95, low=0.8, high=0.9, max_age_days=7, whole_history_days=1460)
NIGHT = date(2026, 1, 16)


def rows(**changes: Any) -> pd.DataFrame:
    row = {
        "date": pd.Timestamp("2026-01-16"),
        "cap_tier": "all",
        "n": 200,
        "n_dead": 10,
        "n_short_history": 3,
        "share_80_to_90": 0.4,
        "share_above_80": 0.7,
        "drawdown_p25": 0.6,
        "drawdown_p50": 0.83,
        "drawdown_p75": 0.9,
        "history_from": pd.Timestamp("2020-01-01"),
        "history_days_median": 1500.0,
        "price_date": pd.Timestamp("2026-01-16"),
        "reason": "",
    } | changes
    return pd.DataFrame([row | {"universe": "with_dead"}, row | {"universe": "survivors", "n": 190, "n_dead": 0}])


def verdicts(**changes: Any) -> dict[str, Any]:
    return {finding.metric: finding for finding in below_their_peak(rows(**changes), NIGHT, RULE)}


def test_many_is_one_in_four_at_the_lower_end_of_the_interval() -> None:
    found = verdicts()["share_80_to_90"]
    expected = stats.binomtest(80, 200).proportion_ci(0.95, method="wilson")
    assert found.verdict == "supported"
    assert (found.value, found.ci_low, found.ci_high) == pytest.approx((0.4, expected.low, expected.high))
    assert verdicts(share_80_to_90=0.27)["share_80_to_90"].verdict == "inconclusive"


def test_few_are_not_supported_only_where_the_history_can_know_the_peaks() -> None:
    whole, short = (verdicts(share_80_to_90=0.05, history_days_median=days) for days in (1500.0, 400.0))
    assert whole["share_80_to_90"].verdict == "not_supported"
    assert short["share_80_to_90"].verdict == "inconclusive"
    assert "prices begin on 2020-01-01, half of the coins have 400 days" in short["share_80_to_90"].reason


def test_the_dead_stand_beside_the_survivors() -> None:
    found = verdicts()
    assert (found["share_80_to_90"].n, found["share_80_to_90_survivors"].n) == (200, 190)
    assert "10 dead coins in" in found["share_80_to_90"].reason
    assert found["median_drawdown"].value == 0.83


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"date": pd.Timestamp("2025-10-01")}, "no data: the newest prices are of 2025-10-01"),
        ({"reason": "no coin with 180 days of prices", "share_80_to_90": np.nan}, "no data: no coin with 180 days"),
    ],
)
def test_without_prices_of_today_or_a_history_nothing_is_said(changes: dict[str, Any], reason: str) -> None:
    found = verdicts(**changes).values()
    assert {finding.verdict for finding in found} == {"not_testable"}
    assert all(finding.reason.startswith(reason) for finding in found)


def test_an_empty_table_is_no_data() -> None:
    found = below_their_peak(rows().iloc[:0], NIGHT, RULE)
    assert {finding.reason for finding in found} == {"no data: no price of an altcoin up to 2026-01-16"}
