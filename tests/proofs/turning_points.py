"""C4: planted turning points are found and matched, independent paths match as often as the null says."""

from __future__ import annotations

import numpy as np

from analytics.matching import (
    concordance,
    exceedance,
    match_share,
    matched,
    shifted_concordances,
    shifted_shares,
)
from analytics.turning_points import Pivot, PivotRule, extremes, pivots, states, trailing_spread
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, at_rate, known, shown, uniform

WINDOW, BEFORE, K, HAC_LAGS = 504, 252, 10, 30
TOLERANCES = (3, 5, 10)
MIRRORED = 0.99  # below it how often chance is refuted is a matter of power, and shown


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_no_link(grid), *_constants(grid)]


def _planted(grid: Grid) -> list[Proof]:
    """Crypto repeats the equity's path `lead` sessions later, with noise of its own in its returns."""
    found = []
    for correlation, lead in ((0.99, 0), (0.99, 4), (0.8, 0), (0.5, 0)):
        rng = series.generator("planted turns", correlation, lead)
        rare, medians = [], []
        for _ in range(grid.planted):
            (first, second), _ = _window(series.linked(BEFORE + WINDOW, correlation, rng, lead=lead))
            pairs = matched(first, second, 5)
            share = match_share(len(pairs), len(first), len(second))
            rare.append(exceedance(share, shifted_shares(first, second, BEFORE, WINDOW, (5,))[0]) <= 0.05)
            medians.append(np.median([b.position - a.position for a, b in pairs]) if pairs else np.nan)
        what = "mirrored turning points are told from chance"
        setting = f"correlation {correlation}, crypto {lead} sessions later, k = {K}, tolerance 5"
        if correlation < MIRRORED:
            found.append(shown(what, setting, float(np.mean(rare)), grid.planted))
            continue
        near = np.abs(np.array(medians) - lead) <= 1
        found.append(at_least(what, setting, rare, 0.95))
        found.append(at_least("the median lead is the planted one, ± 1", setting, near, 0.95))
    return found


def _no_link(grid: Grid) -> list[Proof]:
    rng = series.generator("no turns in common")
    drawn: dict[int, list[float]] = {tolerance: [] for tolerance in TOLERANCES}
    published: dict[int, list[float]] = {tolerance: [] for tolerance in TOLERANCES}
    phases, hac = [], []
    for _ in range(grid.null):
        (first, second), (x, y) = _window(series.linked(BEFORE + WINDOW, 0.0, rng))
        chances = shifted_shares(first, second, BEFORE, WINDOW, TOLERANCES)
        for tolerance, chance in zip(TOLERANCES, chances, strict=True):
            share = match_share(len(matched(first, second, tolerance)), len(first), len(second))
            published[tolerance].append(exceedance(share, chance))
            # Shares take few values; the rank among equal ones is drawn, to see whether ranks are uniform.
            above, equal = (chance > share + 1e-12).sum(), (np.abs(chance - share) <= 1e-12).sum()
            drawn[tolerance].append((above + rng.uniform() * (1 + equal)) / (1 + len(chance)))
        found = concordance(x, y, HAC_LAGS)
        phases.append(exceedance(found.value, shifted_concordances(x, y)))
        hac.append(found.hac_p)
    setting = f"independent paths, {WINDOW} sessions, k = {K}"
    proofs = []
    for tolerance in TOLERANCES:
        within = f"{setting}, tolerance {tolerance}"
        proofs.append(uniform("rank of the match share among the shifts", within, drawn[tolerance]))
        proofs.append(at_rate("match share, ties drawn, at 5 %", within, np.array(drawn[tolerance]) <= 0.05, 0.05))
        rate = float(np.mean(np.array(published[tolerance]) <= 0.05))
        proofs.append(shown("match share as published, ties against the claim, at 5 %", within, rate, grid.null))
    told = np.array(phases)[np.isfinite(phases)]
    proofs.append(uniform("concordance against the shifts", setting, told))
    proofs.append(at_rate("concordance against the shifts, at 5 %", setting, told <= 0.05, 0.05))
    rate = float(np.nanmean(np.array(hac)[np.isfinite(hac)] <= 0.05))
    proofs.append(shown("concordance by the HAC test, at 5 %", f"{setting}, {HAC_LAGS} lags", rate, len(told)))
    return proofs


def _constants(grid: Grid) -> list[Proof]:
    """What independent walks match without and with the conditions on pivots."""
    rng = series.generator("raw extremes")
    raw, strict = [], []
    for _ in range(grid.null):
        walks = series.walks(BEFORE + WINDOW, rng)
        first, second = ([Pivot(*at, 0.0, 0) for at in extremes(walk, K)] for walk in walks)
        raw.append(_with_a_neighbour(first, second))
        (first, second), _ = _window(np.diff(walks, prepend=0.0))
        strict.append(match_share(len(matched(first, second, 10)), len(first), len(second)))
    what = "turning points of two walks that have one of the other within 10 sessions"
    return [
        known(what, f"extremes in ± {K} sessions", float(np.mean(raw)), 0.60, tolerance=0.02, runs=grid.null),
        shown(what, f"as published: alternating, phase ≥ 15, amplitude, k = {K}", float(np.nanmean(strict)), grid.null),
    ]


def _with_a_neighbour(first: list[Pivot], second: list[Pivot]) -> float:
    sides = ((first, second), (second, first))
    near = [
        any(a.kind == b.kind and abs(a.position - b.position) <= 10 for b in right)
        for left, right in sides
        for a in left
    ]
    return float(np.mean(near))


def _window(returns: series.Floats) -> tuple[list[list[Pivot]], list[series.Floats]]:
    """The pivots and phases of both paths in the last WINDOW sessions, as known at their end."""
    found, phases = [], []
    for one in returns:
        level, spread = np.cumsum(one), trailing_spread(one, BEFORE, 0.9)
        all_pivots = pivots(level, spread, PivotRule(K))
        found.append([pivot for pivot in all_pivots if pivot.position >= BEFORE])
        phases.append(states(all_pivots, len(level))[BEFORE:])
    return found, phases
