"""C5 and C6: each verdict from rows a person can check, each direction both ways."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analytics.claims import Finding
from analytics.coin_claims import KINDS, Rule, most_above_1, smaller_is_longer

NIGHT = date(2026, 1, 16)
RULE = Rule(alpha=0.05, newey_west_lags=20, min_days=60, forward_days=[1, 5, 20], min_forward_days=40)
MISSING = "no data: nothing for the night"
NO_CROWDS = pd.DataFrame({"is_crowded_retail": [], "reason": []})


def c5(above: int, below: int, crowds: pd.DataFrame = NO_CROWDS) -> dict[str, Finding]:
    """Only the account ratio was collected, with so many altcoins above and below 1, and Bitcoin above."""
    ratios = [2.0] * above + [0.5] * below + [2.0]
    names = [f"coin {number}" for number in range(above + below)] + ["bitcoin"]
    rows = pd.DataFrame({"coin_id": names, "ratio_kind": "global_account", "ratio": ratios})
    return {finding.metric: finding for finding in most_above_1(rows, crowds, MISSING, RULE)}


def test_bitcoin_is_no_altcoin_and_the_test_is_exact() -> None:
    found = c5(15, 5)["share_above_1:global_account"]
    assert (found.value, found.n) == (0.75, 20)
    assert found.p_value == pytest.approx(stats.binomtest(15, 20, alternative="greater").pvalue, rel=1e-12)
    assert found.reason.startswith("15 of 20 altcoins have a global_account ratio above 1, median 2.00")


@pytest.mark.parametrize(
    ("above", "below", "verdict"), [(15, 5, "supported"), (12, 8, "inconclusive"), (4, 16, "not_supported")]
)
def test_most_is_more_than_chance_gives(above: int, below: int, verdict: str) -> None:
    assert c5(above, below)["share_above_1:global_account"].verdict == verdict


def test_both_directions_are_as_hard_to_show() -> None:
    """Four ratio kinds of 20 coins: 15 of them are 0.021 by chance, four times that is no evidence either way."""
    rows = pd.DataFrame(
        [
            {"coin_id": f"coin {coin}", "ratio_kind": kind, "ratio": 2.0 if coin < above else 0.5}
            for kind, above in zip(KINDS, (15, 5, 10, 10), strict=True)
            for coin in range(20)
        ]
    )
    found = most_above_1(rows, NO_CROWDS, MISSING, RULE)
    assert [finding.verdict for finding in found[:4]] == ["inconclusive"] * 4


def test_kinds_that_nobody_delivered_are_not_testable_and_no_test_of_the_family() -> None:
    found = c5(15, 5)
    absent = [found[f"share_above_1:{kind}"] for kind in KINDS[1:]]
    assert {(finding.verdict, finding.reason) for finding in absent} == {("not_testable", MISSING)}
    assert {finding.family_tests for finding in found.values()} == {1}


def test_crowded_retail_describes_and_decides_nothing() -> None:
    crowds = pd.DataFrame({"is_crowded_retail": [True, False, False, None], "reason": ["", "", "", "too short"]})
    found = c5(15, 5, crowds)["crowded_retail_share"]
    assert (found.value, found.n, found.verdict) == (pytest.approx(1 / 3), 3, "inconclusive")
    unknown = c5(15, 5, crowds.tail(1))["crowded_retail_share"]
    assert (unknown.verdict, unknown.reason) == ("not_testable", "too short")


def c6(
    *, rho: float = -0.6, p: float = 1e-6, slope: float = -0.1, volatility: float = 0.01, days: int = 80
) -> dict[str, Finding]:
    """`days` of daily slopes about `slope` and of forward slopes about `volatility`, none of returns."""
    dates = [pd.Timestamp(NIGHT - timedelta(days=back)) for back in reversed(range(days))]
    noise = np.random.default_rng(1).normal(size=days)
    trends = pd.DataFrame({"date": dates, "ratio_kind": "global_account"}).assign(
        n=50,
        spearman_rho=rho,
        spearman_p=p,
        theil_sen_slope=slope + 0.02 * noise,
        jt_statistic=700.0,
        jt_expected=500.0,
        jt_p_value=0.0005,
    )
    forward = pd.DataFrame({"date": dates, "outcome": "volatility", "horizon_days": 1}).assign(
        slope=volatility + 0.002 * noise, base=0.04
    )
    return {finding.metric: finding for finding in smaller_is_longer(trends, forward, NIGHT, MISSING, RULE)}


def test_a_ratio_that_rises_as_caps_fall_supports_the_claim() -> None:
    found = c6()
    verdicts = {metric: finding.verdict for metric, finding in found.items() if finding.verdict != "not_testable"}
    assert verdicts == {
        "spearman_rho:global_account": "supported",
        "jonckheere:global_account": "supported",
        "fama_macbeth_slope:global_account": "supported",
        "forward_volatility_1d": "supported",
    }
    assert {finding.family_tests for finding in found.values()} == {4}
    assert found["jonckheere:global_account"].value == 0.7


def test_a_ratio_that_falls_with_caps_is_against_it() -> None:
    found = c6(rho=0.6, slope=0.1)
    assert found["spearman_rho:global_account"].verdict == "not_supported"
    assert found["fama_macbeth_slope:global_account"].verdict == "not_supported"
    assert "ratio falls as caps fall (+0.60)" in found["spearman_rho:global_account"].reason


def test_calmer_days_after_a_long_bias_are_against_it_and_noise_is_neither() -> None:
    assert c6(volatility=-0.01)["forward_volatility_1d"].verdict == "not_supported"
    assert c6(volatility=0.0)["forward_volatility_1d"].verdict == "inconclusive"


def test_the_interval_of_the_rank_correlation_holds_it() -> None:
    found = c6(rho=-0.6)["spearman_rho:global_account"]
    half = 1.96 * np.sqrt((1 + 0.18) / 47)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        (np.tanh(np.arctanh(-0.6) - half), np.tanh(np.arctanh(-0.6) + half)), rel=1e-12
    )


def test_too_few_days_say_how_many_are_needed() -> None:
    found = c6(days=30)
    assert found["fama_macbeth_slope:global_account"].reason == "30 of at least 60 days with a slope"
    assert found["forward_volatility_1d"].reason == "no data: 30 of at least 40 days with an outcome"
    assert found["forward_return_20d"].reason == "no data: 0 of at least 40 days with an outcome"


def test_a_night_without_ratios_says_what_is_missing() -> None:
    trends = pd.DataFrame({"date": pd.to_datetime([]), "ratio_kind": [], "spearman_rho": [], "theil_sen_slope": []})
    forward = pd.DataFrame({"outcome": [], "horizon_days": [], "slope": [], "base": []})
    found = smaller_is_longer(trends, forward, NIGHT, MISSING, RULE)
    assert {finding.verdict for finding in found} == {"not_testable"}
    assert found[0].reason == MISSING
