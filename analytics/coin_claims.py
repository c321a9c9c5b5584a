"""What the data say about C5 and C6: are altcoins long, and the longer the smaller they are?

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere;
the ratio kinds measure different things and are never blended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.claims import Finding, family
from analytics.long_bias import share_above
from analytics.trend_tests import Mean, holm, newey_west_mean

KINDS = ("global_account", "top_account", "top_position", "taker_volume")
_SHARE = "share_above_1:"
_FORWARD = {"forward_volatility": 1, "forward_return": -1}  # the sign that C6 claims: restless days, losses of longs


@dataclass(frozen=True)
class Rule:
    """How C5 and C6 are judged; the fields are the dbt var `claims_coins`. Lags, days and horizons in days."""

    alpha: float
    newey_west_lags: int
    min_days: int
    forward_days: list[int]
    min_forward_days: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**values)


def most_above_1(ratios: pd.DataFrame, crowds: pd.DataFrame, missing: str, rule: Rule) -> list[Finding]:
    """C5 from the night's rows of int_coin_long_bias and, without Bitcoin, of int_coin_bias.

    `missing` says why there is nothing where there is nothing.
    """
    altcoins = ratios[ratios["coin_id"] != "bitcoin"]
    shares = [_share_above_1(altcoins.loc[altcoins["ratio_kind"] == kind, "ratio"], kind, missing) for kind in KINDS]
    return _judged([*shares, _crowded_retail(crowds, missing)], rule.alpha)


def smaller_is_longer(
    trends: pd.DataFrame, forward: pd.DataFrame, night: date, missing: str, rule: Rule
) -> list[Finding]:
    """C6 from the rows of int_long_bias_trend and int_bias_forward up to the night, by date."""
    findings = []
    for kind in KINDS:
        history = trends[trends["ratio_kind"] == kind]
        tonight = history[(history["date"].dt.date == night) & history["spearman_rho"].notna()]
        findings += [_rank_correlation(tonight, kind, missing), _ordered_tiers(tonight, kind, missing)]
        findings.append(_mean_slope(history["theil_sen_slope"].dropna().to_numpy(dtype=float), kind, rule))
    for outcome in ("volatility", "return"):
        for horizon in rule.forward_days:
            days = forward[(forward["outcome"] == outcome) & (forward["horizon_days"] == horizon)]
            findings.append(_forward_slope(days.dropna(subset=["slope"]), outcome, horizon, rule))
    return _judged(findings, rule.alpha)


def _judged(findings: list[Finding], alpha: float) -> list[Finding]:
    """Supported when Holm's p is below alpha, not supported when Holm's p of the other direction is."""
    other = dict(zip((finding.metric for finding in findings), holm([_other_way(f) for f in findings]), strict=True))

    def judge(finding: Finding, p: float) -> Finding:
        claimed = _claimed_sign(finding)
        along = (finding.value or 0.0) * claimed if claimed else 0.0
        shown, against = p < alpha and along >= 0, other[finding.metric] < alpha and along <= 0
        return replace(finding, verdict="supported" if shown else "not_supported" if against else "inconclusive")

    return family(findings, judge)


def _other_way(finding: Finding) -> float:
    """The p of the opposite direction; a two-sided p is that of both."""
    if finding.p_value is None:
        return np.nan
    if finding.metric.startswith(_SHARE):  # as seen from the coins at or below 1, for the count itself is likely, too
        n = finding.n or 0
        return share_above(n - round((finding.value or 0.0) * n), n).p_value
    return finding.p_value if _claimed_sign(finding) else 1 - finding.p_value


def _claimed_sign(finding: Finding) -> int | None:
    """The sign that C6 claims where the test is two-sided, and its p does not know the direction."""
    return _FORWARD.get(finding.metric.rsplit("_", 1)[0])


def _share_above_1(ratios: pd.Series, kind: str, missing: str) -> Finding:
    metric = f"{_SHARE}{kind}"
    if ratios.empty:
        return Finding("C5", metric, "not_testable", missing)
    above, n = int((ratios > 1).sum()), len(ratios)
    found = share_above(above, n)
    reason = (
        f"{above} of {n} altcoins have a {kind} ratio above 1, median {ratios.median():.2f}; coins move together, so "
        "the interval is narrower than the truth"
    )
    method = "share of altcoins (without BTC), Wilson interval, exact binomial test"
    share = found.share, found.low, found.high, found.p_value
    return Finding("C5", metric, "inconclusive", reason, method, *share, null_value=0.5, n=n)


def _crowded_retail(crowds: pd.DataFrame, missing: str) -> Finding:
    """The share of altcoins whose accounts are as long as seldom while the positions of top traders are not."""
    metric = "crowded_retail_share"
    judged = crowds[crowds["is_crowded_retail"].notna()]
    if judged.empty:
        return Finding("C5", metric, "not_testable", crowds["reason"].iloc[0] if len(crowds) else missing)
    share = float(judged["is_crowded_retail"].astype(bool).mean())
    reason = (
        f"{share:.0%} of {len(judged)} altcoins are crowded by retail: it describes who is long, the claim names no "
        "share"
    )
    method = "accounts in the top decile of their own year, positions at or below 1; no test"
    return Finding("C5", metric, "inconclusive", reason, method, share, n=len(judged))


def _rank_correlation(tonight: pd.DataFrame, kind: str, missing: str) -> Finding:
    metric = f"spearman_rho:{kind}"
    if tonight.empty:
        return Finding("C6", metric, "not_testable", missing)
    rho, p, n = float(tonight["spearman_rho"].iloc[0]), float(tonight["spearman_p"].iloc[0]), int(tonight["n"].iloc[0])
    half = 1.96 * np.sqrt((1 + rho**2 / 2) / (n - 3))
    centre = np.arctanh(np.clip(rho, -0.999999, 0.999999))
    reason = (
        f"over {n} coins the {kind} ratio {'rises' if rho < 0 else 'falls'} as caps fall ({rho:+.2f}); without a "
        f"trend a value as far from 0 has probability {p:.2g}"
    )
    method = "Spearman of ln ratio and ln cap over coins, interval of Bonett and Wright"
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return Finding("C6", metric, "inconclusive", reason, method, rho, low, high, _down(p, rho), null_value=0.0, n=n)


def _ordered_tiers(tonight: pd.DataFrame, kind: str, missing: str) -> Finding:
    metric = f"jonckheere:{kind}"
    if tonight.empty or np.isnan(tonight["jt_p_value"].iloc[0]):
        return Finding("C6", metric, "not_testable", missing if tonight.empty else "all coins are in one tier")
    row = tonight.iloc[0]
    share = float(row["jt_statistic"] / (2 * row["jt_expected"]))
    reason = f"in {share:.0%} of pairs from different tiers the smaller coin has the larger {kind} ratio"
    method = "share of pairs of different tiers in the claimed order, Jonckheere-Terpstra by permutation"
    p, n = float(row["jt_p_value"]), int(row["n"])
    return Finding("C6", metric, "inconclusive", reason, method, share, p_value=p, null_value=0.5, n=n)


def _mean_slope(slopes: NDArray[np.float64], kind: str, rule: Rule) -> Finding:
    metric = f"fama_macbeth_slope:{kind}"
    if len(slopes) < rule.min_days:
        return Finding("C6", metric, "not_testable", f"{len(slopes)} of at least {rule.min_days} days with a slope")
    found = newey_west_mean(slopes, rule.newey_west_lags)
    reason = (
        f"mean slope {found.mean:+.3f} over {found.n} days, worth {found.n_eff:.0f} independent ones; it is about "
        "these coins, which are the same every day, not about other coins"
    )
    method = (
        f"mean daily Theil-Sen slope of ln ratio on ln cap, prewhitened Newey-West with {rule.newey_west_lags} lags, "
        "fixed-b law"
    )
    p = _down(found.p_value, found.mean)
    return _over_time(Finding("C6", metric, "inconclusive", reason, method, p_value=p), found)


def _forward_slope(days: pd.DataFrame, outcome: str, horizon: int, rule: Rule) -> Finding:
    """Do volatility and losses of longs rise with the long bias of the days before? Two-sided."""
    metric = f"forward_{outcome}_{horizon}d"
    if len(days) < rule.min_forward_days:
        lacking = f"no data: {len(days)} of at least {rule.min_forward_days} days with an outcome"
        return Finding("C6", metric, "not_testable", lacking)
    # Outcomes of neighbouring days share all but one of their days.
    lags = max(rule.newey_west_lags, horizon)
    found, base = newey_west_mean(days["slope"].to_numpy(dtype=float), lags), days["base"].mean()
    reason = (
        f"with one unit of z more the {outcome} of the {horizon} days after it is {found.mean:+.2%}, in the mean of "
        f"all coins {base:.2%}; {found.n} days, worth {found.n_eff:.0f} independent ones"
    )
    method = (
        "mean daily slope across coins on the robust z of the account ratio, prewhitened Newey-West with "
        f"{lags} lags, fixed-b law, two-sided"
    )
    return _over_time(Finding("C6", metric, "inconclusive", reason, method, p_value=found.p_value), found)


def _over_time(finding: Finding, mean: Mean) -> Finding:
    """The finding with the numbers of a mean over days, which is 0 by chance."""
    return replace(
        finding, value=mean.mean, ci_low=mean.low, ci_high=mean.high, null_value=0.0, n=mean.n, n_eff=mean.n_eff
    )


def _down(two_sided: float, value: float) -> float:
    """The one-sided p of a value below 0, which is what the claim says."""
    return two_sided / 2 if value < 0 else 1 - two_sided / 2
