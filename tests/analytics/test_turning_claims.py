"""C4: each verdict from rows a person can check."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.turning_claims import Rule, mirrored

RULE = Rule(alpha=0.05, confidence=0.95, worth_following=0.3, mirrored=0.5, equity="^RUT", crypto="total_cap")
DAY = pd.Timestamp("2026-01-16")
PAIR = {"as_of_date": DAY, "equity_symbol": "^RUT", "crypto_series": "total_cap", "reason": ""}


def turning(**changes: Any) -> pd.DataFrame:
    row = {
        **PAIR,
        "k_sessions": 10,
        "tolerance_sessions": 5,
        "equity_pivots": 10,
        "crypto_pivots": 10,
        "n": 20,
        "matches": 7,
        "match_share": 0.7,
        "null_share_mean": 0.12,
        "null_share_p95": 0.3,
        "p_value": 0.002,
        "lead_median": -1.0,
        "concordance": 0.5,
        "concordance_expected": 0.52,
        "concordance_p": 0.6,
        "concordance_hac_p": 0.55,
        "concordance_sessions": 450,
    }
    return pd.DataFrame([row | changes])


def crossed(found: dict[int, float], band: float = 0.15, **changes: Any) -> pd.DataFrame:
    rows = [
        {
            **PAIR,
            "lag_sessions": lag,
            "correlation": found.get(lag, 0.0),
            "band_high": band,
            "p_value": 0.0005 if abs(found.get(lag, 0.0)) > band else 0.9,
            "n": 500,
        }
        | changes
        for lag in range(-3, 4)
    ]
    return pd.DataFrame(rows)


def verdicts(points: pd.DataFrame, lags: pd.DataFrame) -> dict[str, Any]:
    return {finding.metric: finding for finding in mirrored(points, lags, RULE)}


def test_more_matches_than_shifts_give_support_the_mirror_and_holm_counts_the_family() -> None:
    share = verdicts(turning(), crossed({}))["match_share:k10:tolerance5"]
    assert (share.verdict, share.value, share.null_value, share.family_tests) == ("supported", 0.7, 0.12, 3)
    assert share.p_value == pytest.approx(0.006)
    assert (
        "7 pairs of 10 and 10 turning points within 5 sessions, crypto 1 session before in the median" in share.reason
    )


def test_a_share_that_chance_can_give_is_inconclusive_while_a_mirror_is_possible() -> None:
    by_chance = verdicts(turning(matches=4, match_share=0.4, p_value=0.2), crossed({}))["match_share:k10:tolerance5"]
    assert by_chance.verdict == "inconclusive"
    assert (by_chance.ci_low, by_chance.ci_high) == pytest.approx((0.168, 0.687), abs=1e-3)  # Wilson, 4 of 10


def test_more_than_chance_but_less_than_most_is_no_mirror_yet() -> None:
    rare = verdicts(turning(matches=4, match_share=0.4, p_value=0.002), crossed({}))["match_share:k10:tolerance5"]
    assert (rare.verdict, "is open" in rare.reason) == ("inconclusive", True)


def test_turning_points_without_partners_speak_against_a_mirror_whatever_chance_gives() -> None:
    """A share just above or just below its null is the same evidence."""
    for null in (0.09, 0.11):
        row = turning(matches=1, match_share=0.1, null_share_mean=null, p_value=0.5)
        share = verdicts(row, crossed({}))["match_share:k10:tolerance5"]
        assert (share.verdict, share.ci_high) == ("not_supported", pytest.approx(0.404, abs=1e-3))


def test_phases_speak_against_the_claim_only_when_they_agree_as_seldom_as_that() -> None:
    found = [verdicts(turning(concordance_p=p), crossed({}))["concordance:k10"].verdict for p in (0.6, 0.974, 0.976)]
    assert found == ["inconclusive", "inconclusive", "not_supported"]
    often = verdicts(turning(concordance=0.8, concordance_p=0.001), crossed({}))["concordance:k10"]
    assert often.verdict == "supported"


def test_only_a_positive_lag_beyond_the_band_means_that_crypto_follows() -> None:
    assert verdicts(turning(), crossed({2: 0.4}))["crypto_follows"].verdict == "supported"
    leads = verdicts(turning(), crossed({-2: 0.4, 1: 0.05}))["crypto_follows"]
    assert leads.verdict == "not_supported"
    assert "crypto itself leads at -2" in leads.reason
    assert verdicts(turning(), crossed({0: 0.6}))["crypto_follows"].verdict == "not_supported"
    assert verdicts(turning(), crossed({1: -0.5}))["crypto_follows"].verdict == "not_supported"


def test_a_wide_band_leaves_it_open_whether_crypto_follows() -> None:
    finding = verdicts(turning(), crossed({1: 0.2}, band=0.25))["crypto_follows"]
    assert finding.verdict == "inconclusive"
    assert (finding.ci_low, finding.ci_high) == pytest.approx((-0.05, 0.45))


def test_the_same_session_says_nothing_about_following_and_is_no_test() -> None:
    finding = verdicts(turning(), crossed({0: 0.6}))["same_session"]
    assert (finding.verdict, finding.p_value, finding.value) == ("inconclusive", None, 0.6)


def test_missing_data_are_named() -> None:
    nothing = {"match_share": np.nan, "reason": "no data", "concordance": np.nan}
    lags = crossed({}, reason="12 of at least 454 returns", correlation=np.nan)
    rows = verdicts(turning(**nothing), lags)
    assert {finding.verdict for finding in rows.values()} == {"not_testable"}
    assert rows["crypto_follows"].reason == "no data: 12 of at least 454 returns up to 2026-01-16"
    empty = verdicts(turning().iloc[:0], crossed({}).iloc[:0])
    assert {finding.verdict for finding in empty.values()} == {"not_testable"}
