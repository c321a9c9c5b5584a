"""What the data say about C9 (chart pattern), and what followed the signals that the claims are about.

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from analytics.claims import Finding, family

INTERVALS = {"daily": "session", "weekly": "week"}
# The claim that each signal of the event study belongs to.
CLAIM_OF_SIGNAL = {"fresh_ath": "C1", "streak": "C2", "long_bias": "C6", "pattern_breakout": "C9"}


@dataclass(frozen=True)
class Rule:
    """How C9 and event studies are judged; the fields are the dbt var `claims_patterns`."""

    alpha: float
    symbol: str
    recent_bars: int
    study_horizon: int
    study_model: str
    min_events: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**values)


def chart_pattern(
    patterns: pd.DataFrame, chance: pd.DataFrame, sessions: pd.DataFrame, night: date, rule: Rule
) -> list[Finding]:
    """C9, from int_chart_patterns, int_chart_pattern_chance and int_xnys_sessions up to the night: one family."""
    rows = []
    for interval in INTERVALS:
        bars = sessions[sessions["is_week_end"]] if interval == "weekly" else sessions
        dates = bars.loc[bars["session_date"] <= pd.Timestamp(night), "session_date"]
        mine, drawn = (
            table[(table["symbol"] == rule.symbol) & (table["bar_interval"] == interval)]
            for table in (patterns, chance)
        )
        drawn = drawn[drawn["as_of_date"] <= pd.Timestamp(night)].sort_values("as_of_date")
        rows += _interval(interval, mine, drawn, dates.iloc[-rule.recent_bars :], rule)
    return family(rows, lambda finding, p: _judged(finding, p, rule))


def _interval(
    interval: str, patterns: pd.DataFrame, chance: pd.DataFrame, recent: pd.Series, rule: Rule
) -> list[Finding]:
    names = (f"breakouts:{interval}", f"patterns_per_1000:{interval}")
    if chance.empty or chance["reason"].iloc[-1]:
        why = f": {chance['reason'].iloc[-1]}" if len(chance) else ""
        reason = f"no data: too few {INTERVALS[interval]}s of {rule.symbol} to say what chance gives{why}"
        return [Finding("C9", name, "not_testable", reason) for name in names]
    drawn, unit = chance.iloc[-1], INTERVALS[interval]
    broken = patterns[patterns["breakout_date"].isin(recent)].sort_values("breakout_date")
    shares = list(drawn["chance_breakouts"])
    method = (
        f"kernel-smoothed closes, {drawn['bars']} bars resampled in blocks of {drawn['block_bars']} on "
        f"{drawn['as_of_date']:%Y-%m-%d}, Holm"
    )
    breakouts = Finding(
        "C9",
        names[0],
        "inconclusive",
        f"{_told(broken)} in the last {len(recent)} {unit}s; paths of resampled returns have at least one in "
        f"{shares[1]:.0%} of cases",
        method,
        value=float(len(broken)),
        p_value=float(shares[min(len(broken), len(shares) - 1)]),
        null_value=float(sum(shares[1:])),
        n=len(recent),
    )
    often = Finding(
        "C9",
        names[1],
        "inconclusive",
        f"{drawn['detections']} patterns in {drawn['bars']} {unit}s are {drawn['detections_per_1000']:.0f} per 1,000; "
        f"resampled returns, in which nobody intends any, give {drawn['chance_per_1000']:.0f} "
        f"({drawn['chance_low']:.0f} to {drawn['chance_high']:.0f})",
        method,
        value=float(drawn["detections_per_1000"]),
        p_value=float(drawn["p_value"]),
        null_value=float(drawn["chance_per_1000"]),
        n=int(drawn["bars"]),
    )
    return [breakouts, often]


def _told(broken: pd.DataFrame) -> str:
    if broken.empty:
        return "no breakout of an inverse head and shoulders"
    last = broken.iloc[-1]
    count = "a breakout" if len(broken) == 1 else f"{len(broken)} breakouts, the last"
    fate = {
        "breakout": "neither target nor failure yet",
        "target_reached": "it reached its target",
        "failed": "it fell below its shoulder again",
    }[last["status"]]
    return f"{count} on {last['breakout_date']:%Y-%m-%d} (head {last['head_date']:%Y-%m-%d}, {fate})"


def _judged(finding: Finding, p: float, rule: Rule) -> Finding:
    if finding.metric.startswith("patterns_per_1000"):
        more = p <= rule.alpha
        meaning = "more than chance gives" if more else "chance gives as many"
        return replace(finding, verdict="supported" if more else "inconclusive", reason=f"{finding.reason}: {meaning}")
    if not finding.value:
        return replace(finding, verdict="not_supported")
    if p <= rule.alpha:
        return replace(finding, verdict="supported", reason=f"{finding.reason}: chance seldom gives as many")
    reason = f"{finding.reason}: the shape is there, and a path without any meaning would show it, too"
    return replace(finding, verdict="artefact", reason=reason)


def after_signals(study: pd.DataFrame, rule: Rule) -> list[Finding]:
    """What followed the signals, from the night's int_signal_event_study; tests of that table's own Holm family."""
    chosen = study[(study["horizon_sessions"] == rule.study_horizon) & (study["model"] == rule.study_model)]
    return [_after(row, rule) for _, row in chosen.iterrows() if row["signal"] in CLAIM_OF_SIGNAL]


def _after(row: pd.Series, rule: Rule) -> Finding:
    claim, metric = CLAIM_OF_SIGNAL[row["signal"]], f"altcoins_after:{row['signal']}"
    if row["reason"] or row["n_measured"] < rule.min_events:
        few = f"{row['n_measured']} of at least {rule.min_events} events"
        reason = f"too few to say what followed: {row['reason'] or few}"
        return Finding(claim, metric, "not_testable", reason, n=int(row["n_measured"]))
    p, car, base = float(row["p_holm"]), float(row["mean_car"]), float(row["base_rate"])
    seen = p <= rule.alpha
    reason = (
        f"{row['n_measured']} events: altcoins gained {car:+.1%} on Bitcoin in {rule.study_horizon} sessions, "
        f"{row['share_positive']:.0%} of the time; without an event {base:+.1%} and {row['base_share_positive']:.0%}; "
        f"an effect below {row['minimum_detectable']:.1%} would not have been seen"
    )
    return Finding(
        claim,
        metric,
        ("supported" if car > base else "not_supported") if seen else "inconclusive",
        reason,
        f"{row['model'].replace('_', ' ')}, sessions [1, {rule.study_horizon}]; pseudo-events of the same volatility "
        "tercile, two-sided, Holm over signals and horizons",
        value=car,
        p_value=p,
        null_value=base,
        n=int(row["n_measured"]),
        family_tests=int(row["family_tests"]),
    )
