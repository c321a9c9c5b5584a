"""OTHERS against Bitcoin, day by day: its support zone as known that day, and its long cycles under several rules.

Belongs here: from dated ratios to the two tables. The rules are in cycles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.cycles import Cycle, Floats, Zone, ZoneRule, cycles, support_zones
from analytics.frames import null_for_nan

_SERIES = [("membership", pa.string()), ("denominator", pa.string())]
DAILY = pa.schema(
    [
        ("date", pa.date32()),
        *_SERIES,
        ("others_value_usd", pa.float64()),
        ("n_coins", pa.int64()),
        ("ratio", pa.float64()),
        ("support_low", pa.float64()),
        ("support_high", pa.float64()),
        ("support_lows", pa.int64()),
        ("support_since", pa.date32()),
        ("support_touches", pa.int64()),
        ("is_in_support", pa.bool_()),
        ("trough_date", pa.date32()),
        ("gain_since_trough", pa.float64()),
        ("provider", pa.string()),
        ("reason", pa.string()),
        ("params_hash", pa.string()),
    ]
)
GAINS = pa.schema(
    [
        *_SERIES,
        ("min_amplitude", pa.float64()),
        ("min_days", pa.int64()),
        ("trough_date", pa.date32()),
        ("peak_date", pa.date32()),
        ("trough_confirmed_date", pa.date32()),
        ("peak_confirmed_date", pa.date32()),
        ("gain", pa.float64()),
        ("is_main_rule", pa.bool_()),
        ("params_hash", pa.string()),
    ]
)


@dataclass(frozen=True)
class CycleRule:
    """When a rise is a cycle, and the grid of other settings; the rest of the dbt var `others_btc`."""

    amplitude: float
    min_days: int
    other_amplitudes: tuple[float, ...]
    other_min_days: tuple[int, ...]

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> CycleRule:
        return cls(**{**values, **{name: tuple(values[name]) for name in ("other_amplitudes", "other_min_days")}})

    @property
    def settings(self) -> list[tuple[float, int]]:
        """Every pair of the grid, with the main rule in it."""
        amplitudes = sorted({self.amplitude, *self.other_amplitudes})
        return list(product(amplitudes, sorted({self.min_days, *self.other_min_days})))


@dataclass(frozen=True)
class Series:
    """One ratio on every calendar day from its first to its last, (n,); NaN is a missing day."""

    labels: dict[str, str]
    days: pd.DatetimeIndex
    log_ratio: Floats

    @property
    def numbers(self) -> Any:
        return (self.days - self.days[0]).days.to_numpy(dtype=np.int64)


def series_of(rows: pd.DataFrame) -> list[Series]:
    """The series in the rows of int_others_btc."""
    found = []
    for (membership, denominator), mine in rows.groupby(["membership", "denominator"], sort=True):
        days = pd.date_range(mine["date"].min(), mine["date"].max(), unit="us")
        ratio = mine.set_index("date")["ratio"].reindex(days).to_numpy(dtype=float)
        found.append(Series({"membership": str(membership), "denominator": str(denominator)}, days, np.log(ratio)))
    return found


def daily_table(rows: pd.DataFrame, zone_rule: ZoneRule, cycle_rule: CycleRule, params_hash: str) -> pa.Table:
    """Every row of int_others_btc with the support and the cycle as they were known on its day."""
    parts = []
    for series in series_of(rows):
        mask = np.logical_and.reduce([rows[name] == value for name, value in series.labels.items()])
        mine = rows[mask].sort_values("date")
        at = series.days.get_indexer(pd.DatetimeIndex(mine["date"]))
        known = pd.DataFrame(_support(series, support_zones(series.log_ratio, zone_rule)))
        known = known.join(pd.DataFrame(_since_trough(series, cycle_rule)))
        frame = mine.reset_index(drop=True).join(known.iloc[at].reset_index(drop=True))
        frame["n_coins"] = frame["n_coins"].astype("Int64")
        frame["params_hash"] = params_hash
        parts.append(pa.Table.from_pandas(frame[DAILY.names], schema=DAILY, preserve_index=False))
    return null_for_nan(pa.concat_tables(parts).combine_chunks()) if parts else DAILY.empty_table()


def _support(series: Series, zones: list[Zone]) -> dict[str, list[Any]]:
    """Per day the uppermost zone that was known and had not been closed below."""
    n = len(series.days)
    held: list[Zone | None] = [None] * n
    for zone in sorted(zones, key=lambda one: one.high):
        end = zone.broken if zone.broken >= 0 else n
        held[zone.since : end] = [zone] * (end - zone.since)
    inside = [
        None if zone is None or np.isnan(value) else bool(zone.low <= value <= zone.high)
        for zone, value in zip(held, series.log_ratio, strict=True)
    ]
    return {
        "support_low": [None if zone is None else float(np.exp(zone.low)) for zone in held],
        "support_high": [None if zone is None else float(np.exp(zone.high)) for zone in held],
        "support_lows": [None if zone is None else len(zone.pivots) for zone in held],
        "support_since": [None if zone is None else series.days[zone.since].date() for zone in held],
        "support_touches": [
            None if zone is None else sum(touch <= day for touch in zone.touches) for day, zone in enumerate(held)
        ],
        "is_in_support": inside,
    }


def _since_trough(series: Series, rule: CycleRule) -> dict[str, list[Any]]:
    """Per day the trough of the cycle that was known to be under way, and the rise since."""
    trough = np.full(len(series.days), -1)
    for cycle in cycles(series.numbers, series.log_ratio, rule.amplitude, rule.min_days):
        end = cycle.peak_known if cycle.peak_known >= 0 else len(trough)
        trough[cycle.trough_known : end] = cycle.trough
    under_way = trough >= 0
    gain = np.where(under_way, np.expm1(series.log_ratio - series.log_ratio[trough]), np.nan)
    dates = [series.days[at].date() if at >= 0 else None for at in trough.tolist()]
    return {"trough_date": dates, "gain_since_trough": list(gain)}


def gains_table(rows: pd.DataFrame, rule: CycleRule, params_hash: str) -> pa.Table:
    """Every cycle under every setting of the grid; a cycle without a peak is still under way."""
    found = []
    for series in series_of(rows):
        for amplitude, min_days in rule.settings:
            for cycle in cycles(series.numbers, series.log_ratio, amplitude, min_days):
                found.append(
                    {
                        **series.labels,
                        "min_amplitude": amplitude,
                        "min_days": min_days,
                        **_dates(series, cycle),
                        "gain": cycle.gain,
                        "is_main_rule": (amplitude, min_days) == (rule.amplitude, rule.min_days),
                        "params_hash": params_hash,
                    }
                )
    return pa.Table.from_pylist(found, GAINS)


def _dates(series: Series, cycle: Cycle) -> dict[str, Any]:
    places = {
        "trough_date": cycle.trough,
        "peak_date": cycle.peak,
        "trough_confirmed_date": cycle.trough_known,
        "peak_confirmed_date": cycle.peak_known,
    }
    return {name: series.days[at].date() if at >= 0 else None for name, at in places.items()}
