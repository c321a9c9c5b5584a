"""C10: planted cycles come back with their gains, and the golden figures of the extrapolations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from analytics.cycle_tables import CycleRule, daily_table
from analytics.cycles import ZoneRule, cycles, extrapolate, support_zones
from ingestion.sandbox.generator import SMALL, coins, crypto, equities
from tests.proofs import series
from tests.proofs.report import Grid, Proof, at_least, known, shown

PROJECT = Path(__file__).parents[2] / "dbt_project" / "dbt_project.yml"
# Days and log ratio of the turning points: two cycles of 423 % and 503 %, as the claim has them.
CORNERS = ((0, 0.9), (200, 0.0), (560, float(np.log(5.23))), (900, 0.2), (1300, 0.2 + float(np.log(6.03))), (1500, 0.9))
NOISE = 0.004
DAILY_VOLATILITY = 0.02
CUTS, CUT_DAYS = 20, 900
RULE = CycleRule(1.0, 90, (), ())
RULES = yaml.safe_load(PROJECT.read_text(encoding="utf-8"))["vars"]["others_btc"]
MARKET = replace(SMALL, first_day=date(2024, 11, 1), filler_coins=0)
ZONE = ZoneRule(pivot_days=10, lows=3, width=0.08, min_coverage=0.9)


def proofs(grid: Grid) -> list[Proof]:
    return [*_planted(grid), *_walks(grid), _truncated(grid), *_golden()]


def _planted(grid: Grid) -> list[Proof]:
    rng = series.generator("cycles")
    numbers = np.arange(CORNERS[-1][0] + 1)
    path = np.interp(numbers, [day for day, _ in CORNERS], [level for _, level in CORNERS])
    hits = []
    for _ in range(grid.planted):
        # Noise that is zero at the turning points and never passes them: the planted gains stay what they are.
        turns = np.array([200, 560, 900, 1300])
        away = np.min(np.abs(numbers[:, None] - turns), axis=1) / 100
        values = path + rng.normal(0, NOISE, len(numbers)) * np.minimum(away, 1)
        found = cycles(numbers, values, 1.0, 90)
        gains = [cycle.gain for cycle in found if cycle.peak >= 0]
        hits.append(len(gains) == 2 and np.allclose(gains, [4.23, 5.03], rtol=0.01))
    return [
        at_least("both planted gains within 1 %", "423 % and 503 %, rule 100 % and 90 days", hits, 1.0),
        _planted_in_markets(grid),
    ]


def _planted_in_markets(grid: Grid) -> Proof:
    """Whole generated markets, from equities to caps: OTHERS summed by rank, over the price of Bitcoin."""
    hits = []
    for seed in range(grid.planted):
        streams = [np.random.default_rng([seed, part]) for part in range(3)]
        shares = equities.make(MARKET, streams[0], null=False)
        caps = coins.make(MARKET, crypto.make(MARKET, shares, streams[1], null=False), streams[2], null=False)
        ranked = -np.sort(-caps.cap[:, [coin.asset_class == "coin" for coin in caps.coins]], axis=1)
        ratio = (
            ranked[:, RULES["first_rank"] - 1 : RULES["last_rank"]].sum(axis=1) / caps.price[:, caps.column("bitcoin")]
        )
        found = cycles(np.arange(len(ratio)), np.log(ratio), RULE.amplitude, RULE.min_days)
        gains = [cycle.gain for cycle in found if cycle.peak >= 0]
        planted = [cycle["gain"] for cycle in caps.truth["others_btc"]["cycles"]]
        hits.append(len(gains) == len(planted) == 1 and np.allclose(gains, planted, rtol=0.01))
    return at_least("the planted gain within 1 %", "OTHERS/BTC of generated markets, 130 %", hits, 0.99)


def _walks(grid: Grid) -> list[Proof]:
    """Support is found on walks, too: a zone alone shows nothing."""
    rng = series.generator("zones")
    walks = np.cumsum(rng.normal(0, DAILY_VOLATILITY, (grid.null, 400)), axis=1)
    zones = [support_zones(walk, ZONE) for walk in walks]
    touches = sum(len(zone.touches) for found in zones for zone in found)
    held = sum(zone.held for found in zones for zone in found)
    setting = f"walks of 400 days, {DAILY_VOLATILITY:.0%} a day"
    return [
        shown("support zones per walk", setting, float(np.mean([len(found) for found in zones])), grid.null),
        shown("touches of a zone after which the ratio rose 8 % above it", setting, held / max(touches, 1), touches),
    ]


def _golden() -> list[Proof]:
    found = extrapolate([4.23, 5.03])
    figures = (
        ("mean", found.mean, 463),
        ("linear", found.linear, 583),
        ("percent ratio", found.percent_ratio, 598),
        ("log step", found.log_step, 595),
        ("lower end of the 95 % prediction interval", found.low, 17),
    )
    setting = "from 423 % and 503 %"
    proofs = [
        known(f"extrapolated gain in %, {name}", setting, 100 * gain, expected, tolerance=0.5, runs=1)
        for name, gain, expected in figures
    ]
    return [
        *proofs,
        known("upper end of it, to three digits", setting, 100 * found.high, 2590, tolerance=5, runs=1),
    ]


def _truncated(grid: Grid) -> Proof:
    """The table of the mart on ratios cut at CUTS dates is the beginning of the whole one, column by column."""
    rng = series.generator("cut cycles")
    dates = pd.date_range("2020-01-01", periods=CUT_DAYS, unit="us")
    hits = []
    for _ in range(max(grid.planted // 50, 1)):
        ratio = np.exp(np.cumsum(rng.normal(0, 2 * DAILY_VOLATILITY, CUT_DAYS)))
        rows = pd.DataFrame({"date": dates, "membership": "daily_ranks", "denominator": "btc_price", "ratio": ratio})
        rows = rows.assign(others_value_usd=1.0, n_coins=115, provider="p", reason="")
        whole = daily_table(rows, ZONE, RULE, "h")
        for cut in rng.integers(30, CUT_DAYS, CUTS):
            hits.append(daily_table(rows[:cut], ZONE, RULE, "h").equals(whole.slice(0, cut)))
    return at_least("others_btc_cycles does not change when the future is cut off", f"{CUTS} cuts of a walk", hits, 1.0)
