"""C9: a planted pattern is found when it can be known, and what walks without a pattern show."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analytics.bootstrap import block_length, resampled_positions
from analytics.pattern_tables import bars_of, pattern_table, scan_table
from analytics.patterns import Rule, count, find, first_of_each_head
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, at_rate, shown, uniform

PROJECT = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
VALUES = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]["chart_patterns"]
RULE = Rule.of(VALUES)
SESSIONS, PLANTED_AT = 252, 150
# Bars after the first shoulder and log price against the neckline of E1 … E5; the legs lie between them.
SHAPE = ((0, -0.045), (5, 0.0), (11, -0.085), (17, 0.0), (21, -0.045))
WITHIN = 3
CUTS, CUT_SESSIONS = 20, 600
DRAWS = 39
DAYS = pd.bdate_range("2020-01-01", periods=CUT_SESSIONS, unit="us")


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_no_pattern(grid), *_chance(grid), _truncated(grid)]


def _planted(grid: Grid) -> list[Proof]:
    """A random walk, the five extrema with noise on their legs, and a random walk again."""
    results = []
    for noise in (0.0, 0.002):
        rng = series.generator("pattern", noise)
        hits, early = [], []
        for _ in range(grid.planted):
            path, extrema = _with_shape(noise, rng)
            found = first_of_each_head(find(np.exp(path), np.arange(SESSIONS), RULE))
            mine = np.abs(found.points[:, 2] - extrema[2]) <= 1
            known = found.end[mine] - (extrema[4] + RULE.lag)
            hits.append(bool((np.abs(known) <= WITHIN).any()))
            early.extend(found.end < found.points[:, 4] + RULE.lag - 1)
        setting = f"noise {noise:.1%} of price a session"
        results.append(at_least(f"planted pattern known within {WITHIN} sessions of its date", setting, hits, 0.95))
        results.append(at_rate("patterns known before they are complete", setting, early, 0.0))
    return results


def _with_shape(noise: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    path = np.cumsum(rng.normal(0, series.EQUITY_VOLATILITY, SESSIONS))
    extrema = np.array([PLANTED_AT + bar for bar, _ in SHAPE])
    neckline = path[PLANTED_AT - 6]
    corners = [
        (PLANTED_AT - 6, neckline),
        *zip(extrema, neckline + np.array([level for _, level in SHAPE]), strict=True),
    ]
    corners.append((int(extrema[-1]) + 5, neckline + 0.01))
    bars = np.arange(corners[0][0], corners[-1][0] + 1)
    shape = np.interp(bars, [bar for bar, _ in corners], [level for _, level in corners])
    path[bars[-1] + 1 :] += shape[-1] - path[bars[-1]]
    path[bars] = shape + rng.normal(0, noise, len(bars))
    return path, extrema


def _no_pattern(grid: Grid) -> list[Proof]:
    """False patterns: a walk has as many as any chart."""
    rng = series.generator("no pattern")
    paths = np.exp(np.cumsum(rng.normal(0, series.EQUITY_VOLATILITY, (grid.null, SESSIONS)), axis=1))
    found = count(paths, RULE, VALUES["chance"]["recent_bars"])
    setting = f"walks of {SESSIONS} sessions"
    return [
        shown(
            "patterns per 1,000 sessions of a walk", setting, float(found.patterns.mean()) / SESSIONS * 1000, grid.null
        ),
        shown(
            "walks with a breakout in their last 63 sessions", setting, (found.recent_breakouts > 0).mean(), grid.null
        ),
    ]


def _chance(grid: Grid) -> list[Proof]:
    """How many patterns a walk has among paths bootstrapped from it, as chart_pattern_chance asks; with fewer draws."""
    rng = series.generator("pattern chance")
    drawn, published = [], []
    runs = 25 * grid.cuts
    for _ in range(runs):
        returns = rng.normal(0, series.EQUITY_VOLATILITY, SESSIONS)
        at = resampled_positions(SESSIONS, block_length(returns), DRAWS, rng)
        paths = np.exp(np.cumsum(np.concatenate([returns[None], returns[at]]), axis=1))
        real, *others = count(paths, RULE, VALUES["chance"]["recent_bars"]).patterns
        above, equal = int((np.array(others) > real).sum()), int((np.array(others) == real).sum())
        published.append((1 + above + equal) / (1 + DRAWS))
        # Counts are small numbers; the rank among equal ones is drawn, to see whether ranks are uniform.
        drawn.append((above + rng.uniform() * (1 + equal)) / (1 + DRAWS))
    setting = f"walks of {SESSIONS} sessions, {DRAWS} draws"
    rare = np.array(published) <= 0.05
    return [
        uniform("patterns of a walk among its bootstrapped paths, ties drawn", setting, drawn),
        at_rate("patterns reject chance at 5 %, ties drawn", setting, np.array(drawn) <= 0.05, 0.05),
        shown("patterns as published, ties against the claim, at 5 %", setting, float(rare.mean()), runs),
    ]


def _truncated(grid: Grid) -> Proof:
    """The table of the mart on closes cut at CUTS dates: what was known by then is the same in every column but the
    outcome, and an outcome decided by then is the same, too."""
    rng = series.generator("cut patterns")
    hits = []
    for _ in range(max(grid.planted // 20, 1)):
        closes = np.exp(np.cumsum(rng.normal(0, series.EQUITY_VOLATILITY, CUT_SESSIONS)))
        whole = _table(closes)
        for cut in rng.integers(RULE.window, CUT_SESSIONS, CUTS):
            night = DAYS[cut - 1].date()
            known = [_as_known_on(row, night) for row in whole if row["confirmed_date"] <= night]
            hits.append([_as_known_on(row, night) for row in _table(closes[:cut])] == known)
    return at_least("chart_patterns does not change when the future is cut off", f"{CUTS} cuts of a walk", hits, 1.0)


def _table(closes: np.ndarray) -> list[dict[str, object]]:
    days = DAYS[: len(closes)]
    sessions = pd.DataFrame({"session_date": days, "close_at": days.tz_localize("UTC"), "is_week_end": False})
    prices = pd.DataFrame({"session_date": days, "series": "^RUT", "price": closes})
    bars = [bars_of(sessions, prices, "^RUT", "daily")]
    scans = scan_table(bars, None, RULE, "h").to_pandas()
    return pattern_table(bars, scans[scans["is_pattern"]], RULE, "h").to_pylist()


def _as_known_on(row: dict[str, object], night: date) -> dict[str, object]:
    known = {name: value for name, value in row.items() if name not in ("status", "target")}
    for name in ("breakout_date", "target_date", "failed_date"):
        value = row[name]
        known[name] = value if isinstance(value, date) and value <= night else None
    return known
