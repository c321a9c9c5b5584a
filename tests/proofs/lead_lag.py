"""C4: the planted lag is found exactly, and without a link the band is left once in twenty markets."""

from __future__ import annotations

import numpy as np

from analytics.bootstrap import block_length, resampled_positions
from analytics.lead_lag import autoregression, cross_correlations, largest_by_chance, whitened
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, at_rate, uniform

SESSIONS, MAX_LAG, MAX_ORDER, DRAWS = 504, 20, 10, 499
PLANTED = 0.35  # what is left of 0.5 when crypto is read at UTC closes and the window is noisy


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_no_link(grid)]


def _planted(grid: Grid) -> list[Proof]:
    found = []
    for lead in (-5, 0, 3):
        rng = series.generator("planted lag", lead)
        exact = []
        for _ in range(grid.planted):
            x, y = series.linked(SESSIONS, PLANTED, rng, phi=0.2, lead=lead)
            crossed, _ = _crossed(x, y)
            exact.append(int(np.argmax(np.abs(crossed))) - MAX_LAG == lead)
        found.append(at_least("the largest cross-correlation is at the planted lag", f"lag {lead:+d}", exact, 0.95))
    return found


def _no_link(grid: Grid) -> list[Proof]:
    found = []
    for phi in (0.0, 0.3):
        rng = series.generator("no lead", phi)
        p_values = []
        for _ in range(grid.null):
            x, y = series.linked(SESSIONS, 0.0, rng, phi=phi)
            crossed, filtered = _crossed(x, y)
            positions = resampled_positions(SESSIONS, block_length(filtered[1][MAX_ORDER:]), DRAWS, rng)
            chance = largest_by_chance(filtered[:1], filtered[1], MAX_LAG, positions)[0]
            p_values.append((1 + (chance >= np.abs(crossed).max()).sum()) / (1 + DRAWS))
        setting = f"{SESSIONS} sessions, autocorrelation {phi}"
        found.append(uniform("largest of 41 lags without a link", setting, p_values))
        found.append(at_rate("any lag beyond the band", setting, np.array(p_values) <= 0.05, 0.05))
    return found


def _crossed(x: series.Floats, y: series.Floats) -> tuple[series.Floats, series.Floats]:
    coefficients = autoregression(y, MAX_ORDER)
    filtered = np.array([whitened(x, coefficients), whitened(y, coefficients)])
    return cross_correlations(*filtered, MAX_LAG).correlation, filtered
