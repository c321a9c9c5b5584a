"""What the data say about C10: is OTHERS/BTC at its support, how far did it rise before, and what follows from that?

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.claims import Finding, Verdict
from analytics.cycles import extrapolate

_RULES = {
    "mean": "the mean of the two",
    "linear": "the step from the first to the second added again",
    "percent_ratio": "the ratio of the two repeated",
    "log_step": "the ratio of peak to trough repeated",
}


@dataclass(frozen=True)
class Rule:
    """How C10 is judged; the fields are the dbt var `claims_cycles`. Gains and widths are shares, not percent."""

    claimed_gains: Mapping[int, float]
    projected_gain: float
    projection_tolerance: float
    gain_tolerance: float
    confidence: float
    membership: str
    denominator: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        """Years are keys of text in JSON."""
        return cls(**{**values, "claimed_gains": {int(year): gain for year, gain in values["claimed_gains"].items()}})


def cycles_and_projection(daily: pd.DataFrame, gains: pd.DataFrame, night: date, rule: Rule) -> list[Finding]:
    """C10, from int_others_btc_cycles and int_others_btc_cycle_gains up to the night; facts and arithmetic, no test."""
    series = daily[(daily["membership"] == rule.membership) & (daily["denominator"] == rule.denominator)]
    series = series[(series["date"] <= pd.Timestamp(night)) & series["ratio"].notna()].sort_values("date")
    mine = gains[(gains["membership"] == rule.membership) & (gains["denominator"] == rule.denominator)]
    measured = [_gain(year, gain, series, mine, rule) for year, gain in sorted(rule.claimed_gains.items())]
    return [_support(series, night, rule), *measured, _sensitivity(series, mine), *_projections(rule)]


def _support(series: pd.DataFrame, night: date, rule: Rule) -> Finding:
    metric, first_year = "at_support", min(rule.claimed_gains)
    if series.empty:
        return Finding("C10", metric, "not_testable", f"no data: no day with enough ranked caps up to {night}")
    last, since = series.iloc[-1], series["date"].iloc[0]
    if last["date"].date() != night:
        days = f"{len(series)} days from {since:%Y-%m-%d} to {last['date']:%Y-%m-%d}"
        return Finding("C10", metric, "not_testable", f"no data: no ranked caps of {night}, only {days}", n=len(series))
    value, zone = None, "no support zone is known"
    if pd.notna(last["support_high"]):
        value = float(last["ratio"] / last["support_high"] - 1)
        where = "in" if last["is_in_support"] else f"{value:.0%} above"
        zone = (
            f"the ratio is {where} the zone of {last['support_lows']:.0f} lows known since "
            f"{last['support_since']:%Y-%m-%d}, touched {last['support_touches']:.0f} times since"
        )
    method = "3 or more pivot lows within 8 %, frozen when known; value: distance above its upper end"
    if since.year > first_year:
        reason = (
            f"{zone}; the caps begin on {since:%Y-%m-%d}, so the support of {first_year} cannot be seen, "
            "let alone whether this is the same"
        )
        return Finding("C10", metric, "not_testable", reason, method, value, n=len(series))
    at = bool(last["is_in_support"])
    known_then = pd.notna(last["support_since"]) and last["support_since"].year <= first_year
    verdict: Verdict = "supported" if at and known_then else "inconclusive" if at else "not_supported"
    return Finding("C10", metric, verdict, zone, method, value, n=len(series))


def _gain(year: int, claimed: float, series: pd.DataFrame, gains: pd.DataFrame, rule: Rule) -> Finding:
    metric = f"cycle_gain:{year}"
    method = "peak over trough minus one, rise of 100 % and 90 days between turning points"
    if series.empty or series["date"].iloc[0].year > year:
        since = f"the caps begin on {series['date'].iloc[0]:%Y-%m-%d}" if len(series) else "there are no ranked caps"
        return Finding("C10", metric, "not_testable", f"no data: {since}", method)
    peaks = pd.to_datetime(gains["peak_date"])
    found = gains[gains["is_main_rule"] & (peaks.dt.year == year)]
    if found.empty:
        return Finding("C10", metric, "not_supported", f"no cycle has its peak in {year}", method)
    value = float(found["gain"].max())
    close = abs(value - claimed) <= rule.gain_tolerance * claimed
    reason = f"{value:+.0%}, claimed {claimed:+.0%}"
    return Finding("C10", metric, "supported" if close else "not_supported", reason, method, value)


def _sensitivity(series: pd.DataFrame, gains: pd.DataFrame) -> Finding:
    """How many cycles there are under every setting: a count that hangs on the rule is no fact of the market."""
    metric, method = "cycles_found", "turning points under every setting of others_btc_cycle_gains"
    if series.empty:
        return Finding("C10", metric, "not_testable", "no data: no day with enough ranked caps")
    counted = gains.groupby(["min_amplitude", "min_days"])["gain"].agg(["size", "max"]).reset_index()
    told = "; ".join(
        f"{row['size']:.0f} of {row['min_amplitude']:.0%} and {row['min_days']:.0f} days (up to {row['max']:+.0%})"
        for _, row in counted.iterrows()
    )
    span = f"{series['date'].iloc[0]:%Y-%m-%d} to {series['date'].iloc[-1]:%Y-%m-%d}"
    value = int(gains["is_main_rule"].sum())
    reason = f"{span}: {told or 'no rise long and large enough under any setting'}"
    return Finding("C10", metric, "inconclusive", reason, method, float(value), n=len(series))


def _projections(rule: Rule) -> list[Finding]:
    claimed = [gain for _, gain in sorted(rule.claimed_gains.items())]
    told = " and ".join(f"{100 * gain:.0f}" for gain in claimed)
    found = extrapolate(claimed, rule.confidence)
    rows = []
    for name, words in _RULES.items():
        value = float(getattr(found, name))
        met = abs(value - rule.projected_gain) <= rule.projection_tolerance
        reason = (
            f"{words} gives {100 * value:.0f} % after {told} %, the projection is {100 * rule.projected_gain:.0f} %: "
            + ("it follows from this rule" if met else "it does not follow from the gains")
        )
        verdict: Verdict = "supported" if met else "not_supported"
        rows.append(
            Finding("C10", f"extrapolated_gain:{name}", verdict, reason, "arithmetic on the claimed gains", value)
        )
    inside = found.low <= rule.projected_gain <= found.high
    rows.append(
        Finding(
            "C10",
            "prediction_interval",
            "inconclusive" if inside else "not_supported",
            f"two gains of {told} % leave the next one anywhere between {100 * found.low:+,.0f} % and "
            f"{100 * found.high:+,.0f} %: {100 * rule.projected_gain:.0f} % is "
            + ("inside, and so is nearly everything" if inside else "outside"),
            f"{rule.confidence:.0%} prediction interval of Student's t on log(1 + gain)",
            found.centre,
            found.low,
            found.high,
            n=len(claimed),
        )
    )
    return rows


def unscorable(ledger: pd.DataFrame) -> Finding:
    """How many of the forecasts of others in the ledger name no horizon; `ledger` has the rows of int_forecasts."""
    others = ledger[~ledger["forecast_id"].str.startswith("pattern-")]
    metric, without = "forecasts_without_horizon", int(others["horizon_days"].isna().sum())
    if others.empty:
        return Finding("C10", metric, "not_testable", "no forecast was made by then")
    verdict: Verdict = "not_testable" if without == len(others) else "inconclusive"
    reason = f"{without} of {len(others)} forecasts, from {_range(others)}, name no day by which they should come true"
    return Finding("C10", metric, verdict, reason, "forecast_ledger", float(without), n=len(others))


def _range(forecasts: pd.DataFrame) -> str:
    targets = 100 * forecasts.loc[forecasts["target_return"] > 0, "target_return"]
    return f"{targets.min():+.0f} % to {targets.max():+.0f} %" if len(targets) else "nowhere"
