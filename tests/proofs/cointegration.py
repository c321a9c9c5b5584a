"""C3, levels: independent walks are called cointegrated as often as the test says, tied ones are found."""

from __future__ import annotations

import numpy as np

from analytics.cointegration import engle_granger
from tests.proofs import series
from tests.proofs.report import FULL, Grid, Proof, at_least, at_rate, shown, uniform

SESSIONS = 504
# How fast a gap between the two closes, in sessions to its half; two years show a slow return seldom.
FOUND, SHOWN = 5, 60


def proofs(grid: Grid) -> list[Proof]:
    # A test takes its lags by trying them all: of the reduced grid a part tells enough.
    planted, null = (grid.planted, grid.null) if grid == FULL else (grid.planted // 4, grid.null // 3)
    rng = series.generator("levels of two walks")
    p_values = np.array([engle_granger(*series.walks(SESSIONS, rng)).p_value for _ in range(null)])
    setting = f"two independent walks, {SESSIONS} sessions"
    return [
        uniform("cointegration without a common path", setting, p_values),
        at_rate("cointegration at 5 %", setting, p_values <= 0.05, 0.05),
        at_least("a common path is found", _setting(FOUND), _planted(FOUND, planted), 0.95),
        shown("a common path is found", _setting(SHOWN), float(np.mean(_planted(SHOWN, planted))), planted),
    ]


def _setting(half_life: int) -> str:
    return f"a gap that halves in {half_life} sessions, {SESSIONS} sessions"


def _planted(half_life: int, runs: int) -> list[bool]:
    """A walk, and another that returns to it; noise of the gap as large as the walk's."""
    rng = series.generator("a common path", half_life)
    keeps, found = 0.5 ** (1 / half_life), []
    for _ in range(runs):
        x, gap = series.walks(SESSIONS, rng)[0], np.zeros(SESSIONS)
        for at, noise in enumerate(rng.normal(size=SESSIONS - 1), start=1):
            gap[at] = keeps * gap[at - 1] + noise
        found.append(engle_granger(x + gap, x).p_value <= 0.05)
    return found
