"""Event studies: a planted abnormal return is recovered, and events that mean nothing have uniform p-values."""

from __future__ import annotations

import numpy as np

from analytics.event_study import MODELS, Rule, abnormal, declustered, estimated, study, volatility_terciles
from analytics.event_tables import record_so_far
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, at_rate, known, uniform

RULE = Rule(
    horizons=(5, 20), estimation_from=252, estimation_to=21, min_coverage=0.9, volatility_sessions=21, draws=1999,
    alpha=0.05, power=0.8,
)  # fmt: skip
SESSIONS, EVENTS, PLANTED, BETA, CUTS = 1500, 12, 0.01, 1.3, 20


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_nothing(grid), _truncated(grid)]


def _market(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """An asset with a beta on its market, both with volatility that comes in long waves."""
    scale = np.exp(0.4 * np.sin(np.arange(SESSIONS) / 120 + rng.uniform(0, 6)))
    market = 0.025 * scale * rng.normal(size=SESSIONS)
    return BETA * market + 0.015 * scale * rng.normal(size=SESSIONS), market


def _events(rng: np.random.Generator, horizon: int) -> np.ndarray:
    return declustered(rng.choice(np.arange(260, SESSIONS - 21), EVENTS, replace=False), horizon)


def _planted(grid: Grid) -> list[Proof]:
    """Five sessions of PLANTED after each event, on top of beta times the market."""
    rng = series.generator("events")
    found = []
    for _ in range(grid.planted):
        asset, market = _market(rng)
        events = _events(rng, 20)
        for event in events:
            asset[event + 1 : event + 6] += PLANTED
        model = estimated(asset, market, RULE)["market_model"]
        car = abnormal(np.cumsum(asset), np.cumsum(market), model, 5)
        found.append(car.values[events].mean())
    error = 3.3 * float(np.std(found)) / np.sqrt(len(found)) + 0.001  # some of it is in the estimation windows
    setting = f"{EVENTS} events, {PLANTED:.0%} a session for 5 sessions, beta {BETA}"
    return [
        known(
            "mean CAR[1,5] of a planted effect", setting, np.mean(found), 5 * PLANTED, tolerance=error, runs=len(found)
        )
    ]


def _nothing(grid: Grid) -> list[Proof]:
    proofs = []
    for horizon in RULE.horizons:
        rng = series.generator("no event", horizon)
        p: dict[str, list[float]] = {model: [] for model in MODELS}
        for _ in range(grid.null):
            asset, market = _market(rng)
            models, terciles = estimated(asset, market, RULE), volatility_terciles(asset, RULE.volatility_sessions)
            events = _events(rng, horizon)
            for model in MODELS:
                car = abnormal(np.cumsum(asset), np.cumsum(market), models[model], horizon)
                p[model].append(study(car, events, terciles, RULE, rng).p_value)
        for model, values in p.items():
            setting = f"{model}, [1,{horizon}]"
            proofs.append(uniform("events that mean nothing", setting, values))
            proofs.append(at_rate("they are found at 5 %", setting, np.array(values) < 0.05, 0.05))
    return proofs


def _truncated(grid: Grid) -> Proof:
    """The record of rotation_signal on levels cut at CUTS sessions is the beginning of the whole one."""
    rng = series.generator("cut record")
    hits = []
    for _ in range(max(grid.planted // 20, 1)):
        asset, market = _market(rng)
        events = np.sort(rng.choice(np.arange(260, SESSIONS), 30, replace=False))
        whole = _record(asset, market, events)
        for cut in rng.integers(300, SESSIONS, CUTS):
            part = _record(asset[:cut], market[:cut], events[events < cut])
            hits.append(all(np.array_equal(part[name], whole[name][:cut], equal_nan=True) for name in whole))
    return at_least("the record does not change when the future is cut off", f"{CUTS} cuts", hits, 1.0)


def _record(asset: np.ndarray, market: np.ndarray, events: np.ndarray) -> dict[str, np.ndarray]:
    model = estimated(asset, market, RULE)["market_model"]
    return record_so_far(abnormal(np.cumsum(asset), np.cumsum(market), model, 20), events)
