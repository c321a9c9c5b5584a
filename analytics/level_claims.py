"""What the levels of small caps and crypto say about C3: cointegration, its conditions, and their correlation.

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The tests are in cointegration.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from analytics.claims import Finding, Verdict
from analytics.cointegration import Cointegration, UnitRoot, engle_granger, unit_root
from analytics.correlation import Series

TESTED, CORRELATED = "cointegration", "level_correlation"
_NAMES = {"rut": "the Russell 2000", "total_cap": "total crypto cap"}


@dataclass(frozen=True)
class Levels:
    """Log levels of both on the sessions that have both, (n,) each, and what is wrong with them, if anything."""

    small: Series
    crypto: Series
    untold: str


def levels(small: Series, crypto: Series, sessions: int, min_coverage: float, last_day: str) -> Levels:
    """The last `sessions` log levels of both, NaN missing; a session that lacks one of them is left out."""
    x, y = small[-sessions:], crypto[-sessions:]
    known = np.isfinite(x) & np.isfinite(y)
    x, y = x[known], y[known]
    untold = ""
    if len(x) < min_coverage * sessions:
        untold = f"no data: {len(x)} of {sessions} pairs of levels up to {last_day}"
    elif np.ptp(x) == 0 or np.ptp(y) == 0:
        untold = f"a level does not move in {sessions} sessions up to {last_day}"
    return Levels(x, y, untold)


def conditions(found: Levels, alpha: float) -> tuple[list[Finding], str]:
    """The unit-root tests of each series, one row a test, and why they rule cointegration out; empty where not."""
    if found.untold:
        return [_untold(f"{test}:{name}", found) for name in _NAMES for test in ("adf", "kpss")], found.untold
    roots = {"rut": unit_root(found.small), "total_cap": unit_root(found.crypto)}
    rows = [row for name, root in roots.items() for row in _condition(name, root, len(found.small), alpha)]
    # Where the two tests disagree the question stays open, and cointegration is tested.
    stationary = [_NAMES[name] for name, root in roots.items() if root.adf_p <= alpha < root.kpss_p]
    return rows, f"the level of {' and of '.join(stationary)} has no unit root" if stationary else ""


def _condition(name: str, root: UnitRoot, n: int, alpha: float) -> list[Finding]:
    beside = "a condition of cointegration, no evidence for the claim or against it"
    rejected = root.adf_p <= alpha
    adf = f"a unit root in the log level of {_NAMES[name]} is {'' if rejected else 'not '}rejected (p {root.adf_p:.2f})"
    left = root.kpss_p <= alpha
    edge = "at most " if root.kpss_p <= 0.01 else "at least " if root.kpss_p >= 0.1 else ""  # noqa: PLR2004 - its table
    kpss = (
        f"that the log level of {_NAMES[name]} keeps to a constant is {'' if left else 'not '}rejected "
        f"(p {edge}{root.kpss_p:.2f})"
    )
    tests = (
        ("adf", adf, root.adf, root.adf_p, "augmented Dickey-Fuller, constant, lags by AIC; value: t; p by MacKinnon"),
        ("kpss", kpss, root.kpss, root.kpss_p, "KPSS around a constant; value: statistic; p between 0.01 and 0.1"),
    )
    return [
        Finding(
            "C3", f"{test}:{name}", "inconclusive", f"{words}: {beside}", method, value, p_value=p, n=n, family_tests=1
        )
        for test, words, value, p, method in tests
    ]


def cointegration(found: Levels, ruled_out: str) -> Finding:
    """Engle and Granger's test of crypto on small caps; its verdict waits for the p of the family."""
    if ruled_out:
        return replace(_untold(TESTED, found), reason=ruled_out)
    test: Cointegration = engle_granger(found.crypto, found.small)
    reason = (
        f"where small caps stand 1 % higher total crypto cap stands {test.slope:+.1f} % higher, and what this leaves "
        f"has t {test.statistic:.2f} over {test.n} sessions; without a common path it falls below {test.critical:.2f} "
        "once in twenty"
    )
    return Finding(
        "C3",
        TESTED,
        "supported" if test.slope > 0 else "not_supported",  # the direction; `judged` says whether it is chance
        reason,
        "Engle-Granger on log levels, crypto on ^RUT with a constant, lags by AIC; value: t, null_value: its 5 % "
        "critical value, p by MacKinnon, Holm",
        test.statistic,
        p_value=test.p_value,
        null_value=test.critical,
        n=test.n,
    )


def judged(finding: Finding, p: float, alpha: float) -> Finding:
    """The verdict of the cointegration test with the p of its family."""
    if p > alpha:
        open_ = "whether the two levels share a path cannot be told from two that do not"
        return replace(finding, verdict="inconclusive", reason=f"{finding.reason}: {open_}")
    shared = "the two levels share a path" if finding.verdict == "supported" else "the two levels move oppositely"
    return replace(finding, reason=f"{finding.reason}: {shared}")


def level_correlation(found: Levels, tested: Finding, null_sd: float, strong: float) -> Finding:
    """The correlation of the levels, beside what random walks give; it says something only when they share a path."""
    if found.untold:
        return _untold(CORRELATED, found)
    value, n = float(np.corrcoef(found.small, found.crypto)[0, 1]), len(found.small)
    seen = f"the log levels of the two correlate at {value:+.2f} over {n} sessions"
    if tested.verdict == "supported":
        verdict: Verdict = "supported" if value >= strong else "inconclusive"
        reason = f"{seen}, and the two share a path: {'strong' if verdict == 'supported' else 'not strong'} ({strong})"
    else:
        verdict = "artefact"
        reason = (
            f"{seen}; two random walks without any link give values around 0 with a standard deviation of {null_sd}, "
            "and nothing shows that the two share a path: a correlation of such levels shows nothing, for the claim "
            "or against it"
        )
    method = f"Pearson of log levels; sd {null_sd} for independent random walks (Yule 1926)"
    return Finding("C3", CORRELATED, verdict, reason, method, value, null_value=0.0, n=n)


def _untold(metric: str, found: Levels) -> Finding:
    return Finding("C3", metric, "not_testable", found.untold)
