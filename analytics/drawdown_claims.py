"""What the data say about C7: how many altcoins are 80 to 90 % below their peak?

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from analytics.claims import Finding, Verdict
from analytics.long_bias import share_above

_METRICS = ("share_80_to_90", "share_80_to_90_survivors", "share_above_80", "median_drawdown")


@dataclass(frozen=True)
class Rule:
    """How C7 is judged; the fields are the dbt var `claims_drawdowns`. Shares, not percent."""

    many: float
    confidence: float
    low: float
    high: float
    max_age_days: int
    whole_history_days: int

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**values)


def below_their_peak(rows: pd.DataFrame, night: date, rule: Rule) -> list[Finding]:
    """C7, from the newest day of the rows of int_drawdowns for all tiers together, up to the night."""
    if rows.empty:
        return _untold(f"no data: no price of an altcoin up to {night}")
    day = rows["date"].max()
    if (night - day.date()).days > rule.max_age_days:
        return _untold(f"no data: the newest prices are of {day:%Y-%m-%d}")
    by_universe = rows[rows["date"] == day].set_index("universe")
    whole, survivors = by_universe.loc["with_dead"], by_universe.loc["survivors"]
    if whole["reason"]:
        return _untold(f"no data: {whole['reason']} up to {day:%Y-%m-%d}")
    between = f"{rule.low:.0%} to {rule.high:.0%}"
    return [
        _share(_METRICS[0], "share_80_to_90", f"{between} below their peak", whole, rule),
        _share(_METRICS[1], "share_80_to_90", f"{between} below their peak, the dead left out,", survivors, rule),
        _share(_METRICS[2], "share_above_80", f"more than {rule.low:.0%} below their peak", whole, rule),
        _median(whole),
    ]


def _share(metric: str, column: str, what: str, row: pd.Series, rule: Rule) -> Finding:
    n = int(row["n"])
    count = round(row[column] * n)
    found = share_above(count, n, level=rule.confidence)
    is_whole = row["history_days_median"] >= rule.whole_history_days
    if found.low >= rule.many:
        verdict: Verdict = "supported"
        meaning = f"at least one in {1 / rule.many:.0f} even at the lower end"
    elif found.high < rule.many and is_whole:
        verdict, meaning = "not_supported", f"fewer than one in {1 / rule.many:.0f} even at the upper end"
    elif found.high < rule.many:
        verdict = "inconclusive"
        meaning = f"fewer than one in {1 / rule.many:.0f}, but of peaks before the history nothing is known"
    else:
        verdict, meaning = "inconclusive", f"whether it is one in {1 / rule.many:.0f} is open"
    reason = f"{count} of {n} altcoins are {what} on {row['price_date']:%Y-%m-%d}: {meaning}; {_history(row)}"
    method = (
        f"1 - price over the highest daily price known; Wilson interval; many is one in {1 / rule.many:.0f}, no test"
    )
    return Finding("C7", metric, verdict, reason, method, found.share, found.low, found.high, n=n)


def _median(row: pd.Series) -> Finding:
    reason = (
        f"half of the altcoins are more than {row['drawdown_p50']:.0%} below their peak, a quarter more than "
        f"{row['drawdown_p75']:.0%}; {_history(row)}"
    )
    method = "median over coins with a long enough history; a fact, no test"
    value = float(row["drawdown_p50"])
    return Finding(
        "C7",
        _METRICS[3],
        "inconclusive",
        reason,
        method,
        value,
        float(row["drawdown_p25"]),
        float(row["drawdown_p75"]),
        n=int(row["n"]),
    )


def _history(row: pd.Series) -> str:
    return (
        f"prices begin on {row['history_from']:%Y-%m-%d}, half of the coins have {row['history_days_median']:.0f} days "
        f"or more: an earlier peak is not in them, so drawdowns are at least these ({int(row['n_dead'])} dead coins "
        f"in, {int(row['n_short_history'])} too young left out)"
    )


def _untold(reason: str) -> list[Finding]:
    return [Finding("C7", metric, "not_testable", reason) for metric in _METRICS]
