"""C2: the exact chance of the longest run is one, and a streak that means nothing is seldom rare."""

from __future__ import annotations

import numpy as np

from analytics.streaks import chance_of_streaks, p_longest_run_permuted, streak_lengths
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_rate, shown, uniform

SESSIONS = 252


def proofs(grid: Grid) -> list[Proof]:
    """Years without any skill: the longest run of each, with its p among the years of as many wins."""
    rng = series.generator("streaks")
    drawn, published = [], []
    for _ in range(grid.null):
        excess = rng.normal(size=SESSIONS)
        lengths = streak_lengths(excess)
        wins, longest = int((excess > 0).sum()), int(lengths.max())
        # Runs take few lengths: where p lies between its own and that of the next longer run is drawn.
        p, longer = (p_longest_run_permuted(SESSIONS, wins, length) for length in (longest, longest + 1))
        drawn.append(longer + rng.uniform() * (p - longer))
        published.append(chance_of_streaks(excess, lengths, SESSIONS, 0.9).p_value[-1])
    setting = f"{SESSIONS} sessions without skill"
    rare = np.nan_to_num(published, nan=1.0) <= 0.05
    return [
        uniform("longest run under shuffled signs, ties drawn", setting, drawn),
        at_rate("longest run rejects at 5 %", setting, np.array(drawn) <= 0.05, 0.05),
        shown("streak of the last session as published, at 5 %", setting, float(rare.mean()), grid.null),
    ]
