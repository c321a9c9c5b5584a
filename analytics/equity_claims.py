"""What the data say about C1 (breakout), C2 (streak) and C3 (correlation): values, what chance gives, verdicts.

Belongs here: the rules from numbers to verdicts and the sentences that explain them. The numbers are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analytics import level_claims
from analytics.bootstrap import block_length, percentile_interval, resampled_positions
from analytics.claims import Finding, Verdict, family
from analytics.correlation import Series, correlate, fisher_p, windows_at
from analytics.long_bias import seeded
from analytics.streaks import expected_longest_run, p_longest_run_fair

_JANUARY_ENDS = (1, 31)


@dataclass(frozen=True)
class Rule:
    """What the article claims and how it is judged; the fields are the dbt var `claims_equity`. Shares, not percent."""

    alpha: float
    confidence: float
    year: int
    first_days: int
    claimed_ytd: float
    ytd_tolerance: float
    claimed_value_bn: float
    claimed_since_year: int
    chance_sessions: int
    windows: tuple[int, ...]
    min_coverage: float
    strong: float
    small: float
    draws: int
    level_sessions: int
    level_null_sd: float
    best_window: int
    best_null_mean: float
    best_null_95: float

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Rule:
        return cls(**{**values, "windows": tuple(values["windows"])})


@dataclass(frozen=True)
class Sessions:
    """Small caps, large caps and total crypto cap on the same sessions, (n,) each; NaN is missing."""

    days: pd.DatetimeIndex
    small: Series
    large: Series
    crypto: Series
    small_level: Series
    crypto_level: Series


def breakout(rut: pd.DataFrame, night: date, rule: Rule) -> list[Finding]:
    """C1, from ^RUT's rows of int_equity_breakout up to the night."""
    start = pd.Timestamp(rule.year, 1, 1)
    this_year = rut[rut["session_date"] >= start]
    metrics = ("all_time_highs_in_january", "ytd_return_first_days", "implied_base_value_usd_tn")
    if this_year.empty:
        reason = f"no data: no bar of ^RUT in {rule.year} up to {night}"
        return [Finding("C1", metric, "not_testable", reason) for metric in metrics]
    first_days = this_year[this_year["session_date"] < start + pd.Timedelta(days=rule.first_days)]
    return [_highs(this_year, night, rule), *_first_days(first_days, night, rule)]


def _highs(this_year: pd.DataFrame, night: date, rule: Rule) -> Finding:
    january = this_year[this_year["session_date"].dt.month == 1]
    highs, fresh = january[january["is_ath"]], january[january["is_fresh_ath"]]
    over = night >= date(rule.year, *_JANUARY_ENDS)
    history = f"in a history from {january['history_from'].iloc[0]:%Y-%m-%d}"
    if len(highs):
        first = f"the first on {highs['session_date'].iloc[0]:%Y-%m-%d}"
        after = f"a fresh one on {fresh['session_date'].iloc[0]:%Y-%m-%d}" if len(fresh) else "none of them fresh"
        verdict: Verdict = "supported"
        reason = f"{len(highs)} of {len(january)} January sessions closed above all before, {first}, {after}, {history}"
    else:
        verdict = "not_supported" if over else "inconclusive"
        reason = f"none of {len(january)} January sessions up to {night} closed above all before {history}"
    method = "close above the maximum of all earlier closes; a fact, no test"
    return Finding("C1", "all_time_highs_in_january", verdict, reason, method, float(len(highs)), n=len(january))


def _first_days(first_days: pd.DataFrame, night: date, rule: Rule) -> list[Finding]:
    names = ("ytd_return_first_days", "implied_base_value_usd_tn")
    if first_days.empty or np.isnan(ytd := float(first_days["ytd_return"].iloc[-1])):
        reason = f"no data: the first {rule.first_days} days of {rule.year} or the year end before them are missing"
        return [Finding("C1", name, "not_testable", reason) for name in names]
    last = f"{first_days['session_date'].iloc[-1]:%Y-%m-%d}"
    close_to = abs(ytd - rule.claimed_ytd) <= rule.ytd_tolerance
    verdict: Verdict = "supported" if close_to else "not_supported"
    reason = f"{ytd:+.2%} from the last close of {rule.year - 1} to {last}, claimed {rule.claimed_ytd:+.0%}"
    if night < date(rule.year, 1, rule.first_days):
        verdict, reason = "inconclusive", f"{reason}; the {rule.first_days} days are not over"
    method = f"simple return, within {rule.ytd_tolerance:.0%} of the claim; a fact, no test"
    gained = Finding("C1", names[0], verdict, reason, method, ytd, n=len(first_days))
    if ytd <= 0:
        return [gained, Finding("C1", names[1], "not_testable", f"no value was added: {ytd:+.2%} to {last}")]
    base = rule.claimed_value_bn / ytd / 1e3
    reason = (
        f"{rule.claimed_value_bn:.0f} bn USD at {ytd:+.2%} implies a market value of {base:.2f} tn USD at the start; "
        "no source of the index's own market value is collected to compare it with"
    )
    return [gained, Finding("C1", names[1], "not_testable", reason, "claimed value over return", base)]


def streak(streaks: pd.DataFrame, night: date, rule: Rule) -> list[Finding]:
    """C2, from int_equity_streaks with its chances up to the night: the longest streak of the claim's year so far."""
    this_year = streaks[(streaks["session_date"] >= pd.Timestamp(rule.year, 1, 1)) & streaks["streak_length"].notna()]
    names = ("streak_sessions", "streak_chance")
    if this_year.empty:
        reason = f"no data: ^RUT and ^GSPC have no common return in {rule.year} up to {night}"
        return [Finding("C2", name, "not_testable", reason) for name in names]
    lengths = this_year["streak_length"].to_numpy(dtype=np.int64)
    best = this_year.iloc[len(lengths) - 1 - int(np.argmax(lengths[::-1]))]
    length, day = int(lengths.max()), f"{best['session_date']:%Y-%m-%d}"
    n = len(this_year)
    method = (
        "longest run of positive excess return of the year so far, against all earlier runs; null_value: the mean "
        "longest run of a year when its signs are shuffled, p: that it is as long"
    )
    if length == 0:
        none = f"the Russell 2000 beat the S&P 500 on none of {n} sessions of {rule.year}"
        reasons = (none, f"no streak to judge: {none}")
        # Any shuffled year has a run as long as none: the claim was tested, and counts among the tested ones.
        first = Finding("C2", names[0], "not_supported", reasons[0], method, 0.0, p_value=1.0, n=n, family_tests=1)
        return [first, Finding("C2", names[1], "not_testable", reasons[1])]
    verdict, comparison = _since(best, length, rule)
    reason = f"{length} sessions in a row up to {day}; {comparison}"
    chance = _chance(best, length, day, rule)
    found = Finding("C2", names[0], verdict, reason, method, float(length), p_value=chance.p_value, n=n)
    if chance.p_value is None:
        return [found, chance]
    by_chance = expected_longest_run(int(best["sessions"]), int(best["wins"]))
    return [replace(found, null_value=by_chance, family_tests=chance.family_tests), chance]


def _since(best: pd.Series, length: int, rule: Rule) -> tuple[Verdict, str]:
    last, history = best["last_longer_or_equal_date"], best["history_from"]
    if pd.notna(last) and last.year > rule.claimed_since_year:
        return "not_supported", f"a run at least as long ended on {last:%Y-%m-%d}, after {rule.claimed_since_year}"
    if history.year > rule.claimed_since_year:
        return "inconclusive", (
            f"no run of {length} before it, but the history begins on {history:%Y-%m-%d} and says nothing about "
            f"{rule.claimed_since_year}"
        )
    before = f"the last one ended on {last:%Y-%m-%d}" if pd.notna(last) else f"none since {history:%Y-%m-%d} at all"
    return "supported", f"no run at least as long after {rule.claimed_since_year}: {before}"


def _chance(best: pd.Series, length: int, day: str, rule: Rule) -> Finding:
    fair = p_longest_run_fair(rule.chance_sessions, length) if length <= rule.chance_sessions else 0.0
    p = float(best["p_value"]) if pd.notna(best["p_value"]) else None
    if p is None:
        reason = f"no data: less than {rule.min_coverage:.0%} of the {rule.chance_sessions} sessions up to {day}"
        return Finding("C2", "streak_chance", "not_testable", reason, null_value=fair)
    wins, sessions = int(best["wins"]), int(best["sessions"])
    rare = p <= rule.alpha
    reason = (
        f"a run of {length} somewhere in a year comes up with probability {p:.3f} when the {wins} wins of {sessions} "
        f"sessions are shuffled, {fair:.3f} for a fair coin: "
        + ("chance alone seldom gives it" if rare else "chance alone gives it often enough")
    )
    return Finding(
        "C2",
        "streak_chance",
        "supported" if rare else "inconclusive",
        reason,
        f"exact sign permutation over the {rule.chance_sessions} sessions up to {day}; null_value: fair coin",
        value=p,
        p_value=p,
        null_value=fair,
        n=sessions,
        family_tests=1,
    )


def correlation(sessions: Sessions, night: date, rule: Rule) -> list[Finding]:
    """C3, on the windows that end with the last session up to the night."""
    found = level_claims.levels(
        sessions.small_level, sessions.crypto_level, rule.level_sessions, rule.min_coverage, _last_day(sessions)
    )
    conditions, ruled_out = level_claims.conditions(found, rule.alpha)
    windows = [finding for window in rule.windows for finding in _one_window(sessions, window, rule)]
    tested = [*windows, level_claims.cointegration(found, ruled_out)]
    *judged, shared = family(tested, lambda finding, p: _judged(finding, p, rule))
    pairs = zip(judged[::2], judged[1::2], strict=True)
    judged = [row for plain, partial in pairs for row in (plain, _beyond_the_market(plain, partial, rule))]
    correlated = level_claims.level_correlation(found, shared, rule.level_null_sd, rule.strong)
    beside = [replace(row, family_tests=shared.family_tests) for row in (_best_window(sessions, rule), correlated)]
    return [*judged, shared, *beside, *conditions]


def _one_window(sessions: Sessions, window: int, rule: Rule) -> list[Finding]:
    """The plain correlation and the partial one, in this order."""
    names = (f"pearson_{window}", f"partial_given_gspc_{window}")
    x, y, c = (series[-window:] for series in (sessions.small, sessions.crypto, sessions.large))
    pairs = int((np.isfinite(x) & np.isfinite(y)).sum())
    if pairs < rule.min_coverage * window:
        reason = f"no data: {pairs} of {window} returns of ^RUT and total crypto cap up to {_last_day(sessions)}"
        return [Finding("C3", name, "not_testable", reason) for name in names]
    known = np.isfinite(x) & np.isfinite(y) & np.isfinite(c)
    with_control = int(known.sum()) >= rule.min_coverage * window
    kept = known if with_control else np.isfinite(x) & np.isfinite(y)
    x, y, c = x[kept], y[kept], c[kept]
    found = correlate(x[None], y[None], c[None])
    block = block_length(x, y)
    rng = seeded("claims_equity", _last_day(sessions), window, rule)
    at = resampled_positions(len(x), block, rule.draws, rng)
    resampled = correlate(x[at], y[at], c[at])
    method = (
        f"log returns between sessions; stationary bootstrap of pairs, mean block {block}, {rule.draws} draws; "
        "p by Fisher z on n_eff, Holm"
    )
    rows = []
    for name, value, draws, conditioned in (
        (names[0], float(found.correlation[0]), resampled.correlation, 0),
        (names[1], float(found.partial[0]), resampled.partial, 1),
    ):
        if np.isnan(value):
            rows.append(Finding("C3", name, "not_testable", f"no data: ^GSPC is missing in the {window} sessions"))
            continue
        low, high = percentile_interval(draws, rule.confidence)
        n_eff = float(found.n_eff[0])
        p = fisher_p(value, n_eff, conditioned)
        rows.append(Finding("C3", name, "inconclusive", "", method, value, low, high, p, 0.0, len(x), n_eff))
    return rows


def _judged(finding: Finding, p: float, rule: Rule) -> Finding:
    """What a test says by itself: a partial correlation waits for the plain one of its window."""
    if finding.metric == level_claims.TESTED:
        return level_claims.judged(finding, p, rule.alpha)
    if finding.metric.startswith("partial"):
        return finding
    value, _, high = _numbers(finding)
    verdict, meaning = _strength(value, high, p, rule)
    reason = f"{_seen(finding)}: {meaning}; correlation of the same days, it says nothing about who follows whom"
    return replace(finding, verdict=verdict, reason=reason)


def _beyond_the_market(plain: Finding, partial: Finding, rule: Rule) -> Finding:
    """The partial correlation beside the plain one of the same sessions, both with the p of their family."""
    if plain.p_value is None or partial.p_value is None:
        return partial
    linked = plain.p_value <= rule.alpha and _numbers(plain)[0] > 0
    value, _, high = _numbers(partial)
    verdict, meaning = _belongs(value, high, partial.p_value, rule, linked=linked)
    reason = f"with the S&P 500 taken out of both {_seen(partial)}: {meaning}"
    return replace(partial, verdict=verdict, reason=reason)


def _belongs(value: float, high: float, p: float, rule: Rule, *, linked: bool) -> tuple[Verdict, str]:
    if linked and high < rule.small:
        return "artefact", (
            f"less than small ({rule.small}) even at the upper end, so the whole equity market shows the link with "
            "crypto, too, and none of it is known to belong to small caps"
        )
    if p <= rule.alpha and value > 0:
        return "supported", "some of the link with crypto belongs to small caps and not to the whole equity market"
    if linked:
        return "inconclusive", (
            "what links small caps with crypto cannot be told from the whole equity market's link with it"
        )
    return "inconclusive", "no link of small caps with crypto is shown that the whole equity market could explain"


def _numbers(finding: Finding) -> tuple[float, float, float]:
    value, low, high = (float(number or 0.0) for number in (finding.value, finding.ci_low, finding.ci_high))
    return value, low, high


def _seen(finding: Finding) -> str:
    value, low, high = _numbers(finding)
    return f"{value:+.2f} ({low:+.2f} to {high:+.2f}) over {finding.n} sessions"


def _strength(value: float, high: float, p: float, rule: Rule) -> tuple[Verdict, str]:
    if high < rule.strong:
        return "not_supported", f"less than strong ({rule.strong}) even at the upper end"
    if p <= rule.alpha and value >= rule.strong:
        return "supported", f"a strong correlation ({rule.strong} or more), and not chance"
    if p <= rule.alpha and value > 0:
        return "inconclusive", f"positive and not chance, but whether it is strong ({rule.strong}) is open"
    return "inconclusive", "chance alone can give it"


def _best_window(sessions: Sessions, rule: Rule) -> Finding:
    name, span = f"best_pearson_{rule.best_window}", rule.level_sessions
    x, y = sessions.small[-span:], sessions.crypto[-span:]
    ends = np.arange(rule.best_window - 1, len(x))
    pairs = int((np.isfinite(x) & np.isfinite(y)).sum())
    if pairs < rule.min_coverage * span:
        return Finding("C3", name, "not_testable", f"no data: {pairs} of {span} returns up to {_last_day(sessions)}")
    nothing = np.full((len(ends), rule.best_window), np.nan)
    fewest = int(np.ceil(rule.min_coverage * rule.best_window))
    left, right = (windows_at(one, ends, rule.best_window) for one in (x, y))
    rolling = correlate(left, right, nothing, fewest=fewest)
    at = int(np.nanargmax(rolling.correlation))
    value = float(rolling.correlation[at])
    above = value > rule.best_null_95
    day = f"{sessions.days[-span:][ends[at]]:%Y-%m-%d}"
    reason = (
        f"the best {rule.best_window}-session window of {span} sessions reaches {value:+.2f} (ending {day}); without "
        f"any link the best one averages {rule.best_null_mean} and passes {rule.best_null_95} once in twenty: "
        + ("more than choosing the best window explains" if above else "choosing the best window explains it")
    )
    null = f"mean {rule.best_null_mean}, 95 % below {rule.best_null_95}"
    method = f"maximum of the rolling correlation, null by simulation: {null}"
    verdict: Verdict = "supported" if above else "inconclusive"
    return Finding("C3", name, verdict, reason, method, value, null_value=rule.best_null_mean, n=pairs)


def _last_day(sessions: Sessions) -> str:
    return f"{sessions.days[-1]:%Y-%m-%d}" if len(sessions.days) else "the night"
