"""C8: planted states of tokens come back, and flows without any direction are seldom one."""

from __future__ import annotations

import numpy as np
import yaml

from analytics.netflow import Thresholds, judge
from ingestion.sandbox.generator import SMALL, transfers
from ingestion.sandbox.generator.size import last_days
from tests.proofs import series
from tests.proofs.long_bias import PROJECT
from tests.proofs.report import Grid, Proof, at_least, shown

RULE = Thresholds(**yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]["netflow_states"])
SUPPLY = 1e9


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_no_direction(grid)]


def _planted(grid: Grid) -> list[Proof]:
    """The tokens of a generated market, where its truth says that they are clear of the thresholds."""
    right: dict[str, list[bool]] = {}
    rng = series.generator("planted states")
    spans = transfers.truth(SMALL, null=False)["states"]
    for _ in range(grid.planted):
        for symbol, found in _states(rng, null=False).items():
            for span in spans[symbol]:
                inside = [state for day, state in found.items() if span["from"] <= day <= span["to"]]
                right.setdefault(span["state"], []).extend(state == span["state"] for state in inside)
    setting = f"{grid.planted} markets, {SMALL.transfer_days} days"
    return [
        at_least(f"days in {state} away from the thresholds that are told so", setting, days, 0.95)
        for state, days in sorted(right.items())
    ]


def _no_direction(grid: Grid) -> list[Proof]:
    rng = series.generator("no direction")
    told = [
        state in ("ACCUMULATION", "DISTRIBUTION")
        for _ in range(grid.null // 5)
        for found in _states(rng, null=True).values()
        for state in found.values()
        if state != "UNKNOWN"
    ]
    setting = "flows without a direction"
    return [shown("days told to accumulate or distribute", setting, float(np.mean(told)), len(told))]


def _states(rng: np.random.Generator, *, null: bool) -> dict[str, dict[str, str]]:
    """The state of every day of every token that does not migrate."""
    window = last_days(SMALL.transfer_days)
    found = {}
    for token in transfers.chosen(SMALL):
        if token.coin_id == transfers.MIGRATED_FROM:
            continue
        flow = transfers.netflow_bp(token, window, rng, null=null) / 1e4 * SUPPLY
        judged = judge(flow, np.full(len(window), SUPPLY), [""] * len(window), RULE)
        found[token.symbol] = dict(zip(map(str, window), judged.state, strict=True))
    return found
