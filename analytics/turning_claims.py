"""What the data say about C4: do turning points mirror each other, and does crypto follow?

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from analytics.claims import Finding, Verdict, family


@dataclass(frozen=True)
class Rule:
    """How C4 is judged; the fields are the dbt var `claims_turning`.

    worth_following: a correlation below is none. mirrored: the share of turning points with a partner that two mirrors
    of each other have at least.
    """

    alpha: float
    confidence: float
    worth_following: float
    mirrored: float
    equity: str
    crypto: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**values)


def mirrored(turning: pd.DataFrame, lags: pd.DataFrame, rule: Rule) -> list[Finding]:
    """C4, from the newest date of int_turning_points and of int_equity_crypto_lead_lag; one family of tests."""
    points, crossed = _newest(turning, rule), _newest(lags, rule)
    if points.empty or crossed.empty:
        reason = f"no data: no session with {rule.equity} and {rule.crypto}"
        return [
            Finding("C4", name, "not_testable", reason) for name in ("match_share:k10:tolerance5", "crypto_follows")
        ]
    rows = [_share(row, rule) for _, row in points.sort_values(["k_sessions", "tolerance_sessions"]).iterrows()]
    rows += [_phases(row) for _, row in points.drop_duplicates("k_sessions").sort_values("k_sessions").iterrows()]
    rows += [_follows(crossed, rule), _same_session(crossed)]
    return family(rows, lambda finding, p: _judged(finding, p, rule))


def _newest(rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    pair = rows[(rows["equity_symbol"] == rule.equity) & (rows["crypto_series"] == rule.crypto)]
    newest: pd.DataFrame = pair.loc[pair["as_of_date"] == pair["as_of_date"].max()]
    return newest


def _share(row: pd.Series, rule: Rule) -> Finding:
    k, tolerance = int(row["k_sessions"]), int(row["tolerance_sessions"])
    metric = f"match_share:k{k}:tolerance{tolerance}"
    if row["reason"]:
        return Finding("C4", metric, "not_testable", _missing(row))
    lead = row["lead_median"]
    after = "after" if lead >= 0 else "before"
    first = "" if pd.isna(lead) else f", crypto {_counted(abs(lead), 'session')} {after} in the median"
    reason = (
        f"{_counted(row['matches'], 'pair')} of {row['equity_pivots']:.0f} and {row['crypto_pivots']:.0f} turning "
        f"points within {tolerance} sessions{first}; shifted in time they match {row['null_share_mean']:.0%}, "
        f"one time in twenty {row['null_share_p95']:.0%}"
    )
    # Both points of a pair are matched at once: half of the points are so many trials.
    low, high = proportion_confint(row["matches"], row["n"] / 2, 1 - rule.confidence, method="wilson")
    method = (
        f"highs and lows that stand out from {k} sessions on both sides; Wilson interval; all circular shifts, Holm"
    )
    return Finding(
        "C4",
        metric,
        "inconclusive",
        reason,
        method,
        value=float(row["match_share"]),
        ci_low=float(low),
        ci_high=float(high),
        p_value=float(row["p_value"]),
        null_value=float(row["null_share_mean"]),
        n=int(row["n"]),
    )


def _phases(row: pd.Series) -> Finding:
    metric = f"concordance:k{int(row['k_sessions'])}"
    if row["reason"] or pd.isna(row["concordance"]) or pd.isna(row["concordance_p"]):
        return Finding("C4", metric, "not_testable", _missing(row) if row["reason"] else "no data: no phases in common")
    reason = (
        f"in the same phase on {row['concordance']:.0%} of {int(row['concordance_sessions'])} sessions; independent "
        f"phases as long as these give {row['concordance_expected']:.0%} "
        f"(Newey-West p {row['concordance_hac_p']:.3f}, which rejects too often on two years)"
    )
    return Finding(
        "C4",
        metric,
        "inconclusive",
        reason,
        "concordance of phases (Harding & Pagan 2006), p by all circular shifts, Holm",
        value=float(row["concordance"]),
        p_value=float(row["concordance_p"]),
        null_value=float(row["concordance_expected"]),
        n=int(row["concordance_sessions"]),
    )


def _follows(crossed: pd.DataFrame, rule: Rule) -> Finding:
    later = crossed[crossed["lag_sessions"] > 0]
    told = later.dropna(subset=["correlation"])
    if told.empty:
        return Finding("C4", "crypto_follows", "not_testable", _missing(later.iloc[0]))
    best = told.sort_values(["correlation", "lag_sessions"]).iloc[-1]
    leads = crossed[(crossed["lag_sessions"] < 0) & (crossed["correlation"].abs() > crossed["band_high"])]
    ahead = f"; crypto itself leads at {', '.join(str(lag) for lag in leads['lag_sessions'])}" if len(leads) else ""
    high = float(best["correlation"] + best["band_high"])
    reason = (
        f"of crypto 1 to {int(told['lag_sessions'].max())} sessions later the largest correlation is "
        f"{best['correlation']:+.2f} at {int(best['lag_sessions']):+d}, at most {high:+.2f}; without any link the "
        f"largest of all lags stays within ±{best['band_high']:.2f}{ahead}"
    )
    return Finding(
        "C4",
        "crypto_follows",
        "inconclusive",
        reason,
        "prewhitened cross-correlation with later crypto; interval and p by bootstrap of the maximum over lags, Holm",
        value=float(best["correlation"]),
        ci_low=float(best["correlation"] - best["band_high"]),
        ci_high=high,
        p_value=float(best["p_value"]),
        null_value=0.0,
        n=int(best["n"]),
    )


def _same_session(crossed: pd.DataFrame) -> Finding:
    row = crossed[crossed["lag_sessions"] == 0].iloc[0]
    if row["reason"]:
        return Finding("C4", "same_session", "not_testable", _missing(row))
    reason = (
        f"on the same session the correlation is {row['correlation']:+.2f}, band ±{row['band_high']:.2f}: whoever "
        "moves together follows nobody, so it says nothing for the claim or against it"
    )
    return Finding(
        "C4",
        "same_session",
        "inconclusive",
        reason,
        "prewhitened cross-correlation at lag 0; not part of the family",
        value=float(row["correlation"]),
        null_value=0.0,
        n=int(row["n"]),
    )


def _judged(finding: Finding, p: float, rule: Rule) -> Finding:
    name = finding.metric.split(":")[0]
    judge = {"match_share": _mirrors, "concordance": _agrees, "crypto_follows": _leads}[name]
    verdict, meaning = judge(finding, p, rule)
    return replace(finding, verdict=verdict, reason=f"{finding.reason}: {meaning}")


def _mirrors(finding: Finding, p: float, rule: Rule) -> tuple[Verdict, str]:
    value, high = float(finding.value or 0.0), float(finding.ci_high or 0.0)
    if high < rule.mirrored:
        return "not_supported", f"at most {high:.0%} have a partner, a mirror gives one to {rule.mirrored:.0%} or more"
    if p > rule.alpha:
        return (
            "inconclusive",
            f"chance alone can give it; {finding.n} turning points cannot tell a loose link from none",
        )
    if value >= rule.mirrored:
        return "supported", f"more than chance gives, and {rule.mirrored:.0%} or more have a partner"
    return "inconclusive", f"more than chance gives, but whether {rule.mirrored:.0%} have a partner is open"


def _agrees(finding: Finding, p: float, rule: Rule) -> tuple[Verdict, str]:
    if p <= rule.alpha and float(finding.value or 0.0) > float(finding.null_value or 0.0):
        return "supported", "more than chance gives"
    if float(finding.p_value or 0.0) >= 1 - rule.alpha / 2:  # its own p, before Holm
        return "not_supported", "less than chance gives"
    return "inconclusive", "chance alone can give it; two years hold too few phases to tell a loose link from none"


def _leads(finding: Finding, p: float, rule: Rule) -> tuple[Verdict, str]:
    if p <= rule.alpha and float(finding.value or 0.0) > 0:
        return "supported", "crypto follows"
    if float(finding.ci_high or 0.0) < rule.worth_following:
        return "not_supported", "too little to follow"
    return "inconclusive", "chance alone can give it"


def _missing(row: pd.Series) -> str:
    reason = row["reason"]
    return f"{reason if reason == 'no data' else f'no data: {reason}'} up to {row['as_of_date']:%Y-%m-%d}"


def _counted(number: float, noun: str) -> str:
    return f"{number:g} {noun}{'' if number == 1 else 's'}"
