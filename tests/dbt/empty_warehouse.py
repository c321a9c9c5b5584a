"""A warehouse with raw coin rows and no network: synthetic facts with a known truth, and dbt over it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from ingestion.catalogue import RAW_TABLES
from ingestion.warehouse import raw

PROJECT = Path(__file__).parents[2] / "dbt_project"
REFERENCE = Path(__file__).parents[2] / "ingestion" / "reference"
BLOCKS_A_DAY = 100
FIRST_DAY = date(2025, 9, 1)
SUPPLY = 1_000_000.0
WALLET = "0x28c6c06298d514db089934071355e5743bf21d60"
OTHER_WALLET = "0x21a31ee1afc51d94c2efccaa2092ad1028285549"
SOMEBODY = "0x00000000000000000000000000000000000000aa"


class Warehouse:
    """One temporary warehouse; every `add` is one batch known at the end of its night."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "warehouse.duckdb"
        self._target = folder / "dbt"
        self._batch = 0
        with duckdb.connect(str(self.path), config={"storage_compatibility_version": "v1.2.0"}) as connection:
            raw.prepare(connection, RAW_TABLES)

    def add(self, table: str, rows: pd.DataFrame, night: date) -> None:
        """One batch of rows of one raw table; columns that are not given are null."""
        self._batch += 1
        known_at = as_of(night)
        with duckdb.connect(str(self.path)) as connection:
            connection.register("arrived", rows)
            connection.execute(
                f"insert into raw.{table} by name select *, ? as _batch_id, cast(? as timestamptz) as _known_at, "
                "md5(arrived::varchar) as _row_hash from arrived",
                [self._batch, known_at],
            )

    def dbt(self, arguments: Sequence[str], night: date, over: Mapping[str, Any] | None = None) -> list[Any]:
        """Run dbt in process, with other vars where `over` has some; raises when dbt itself stopped."""
        places = ["--project-dir", PROJECT, "--profiles-dir", PROJECT, "--target-path", self._target]
        options = ["--log-path", self._target, "--quiet", "--no-version-check", "--no-write-json"]
        variables = json.dumps({"as_of": as_of(night), "night": night.isoformat(), **(over or {})})
        os.environ["ROTATION_WAREHOUSE"] = str(self.path)
        try:
            outcome = dbtRunner().invoke([*arguments, "--vars", variables, *map(str, places), *options])
        finally:
            DuckDBConnectionManager.close_all_connections()
            del os.environ["ROTATION_WAREHOUSE"]
        if outcome.exception is not None:
            raise outcome.exception
        return list(outcome.result.results)

    def build(self, night: date) -> list[str]:
        """Build and test everything about coins; returns what went wrong."""
        results = self.dbt(["build", "--exclude-resource-type", "unit_test", "--select", *SELECTION], night)
        return [
            f"{node.node.name}: {node.message}" for node in results if node.status not in ("success", "pass", "no-op")
        ]

    def query(self, sql: str) -> pd.DataFrame:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(sql).df()


SELECTION = (
    "path:../ingestion/reference",
    "path:models/staging/binance_vision",
    "path:models/staging/binance_futures",
    "path:models/staging/bybit",
    "path:models/staging/okx",
    "path:models/staging/ethereum",
    "path:models/staging/coinmetrics",
    "path:models/staging/coingecko",
    "path:models/intermediate/coins",
    "path:models/marts/coins",
)


def as_of(night: date) -> str:
    """What the pipeline passes to dbt for a night: 10:30 UTC of the next day."""
    return datetime.combine(night + timedelta(days=1), time(10, 30)).isoformat(sep=" ") + "+00:00"


def perpetuals() -> pd.DataFrame:
    """The perpetuals that still trade, each with its coin, largest cap first."""
    listed = pd.read_csv(REFERENCE / "perpetuals.csv")
    return listed[listed["valid_to"].isna()].reset_index(drop=True)


def caps(days: Sequence[date], scale: float = 1.0) -> pd.DataFrame:
    """Caps of the perpetuals' coins, 200 other coins between them, and a huge stablecoin, as CoinGecko lists them."""
    coin_ids = perpetuals()["coin_id"].tolist()
    listed = [*coin_ids, *(f"filler-{at}" for at in range(200))]
    rank = np.concatenate([np.linspace(1, 400, len(coin_ids)), np.linspace(1.5, 399.5, 200)])
    supply = np.full(len(listed) + 1, SUPPLY)
    frame = pd.DataFrame(
        {
            "coin_id": [*listed, "tether"],
            "symbol": "x",
            "name": "X",
            "market_cap": np.append(1e12 / rank**1.5 * scale, 9e12),
            "current_price": 1.0,
            "circulating_supply": supply,
        }
    )
    return frame.merge(pd.DataFrame({"snapshot_date": list(days)}), how="cross")


def metrics(days: Sequence[date], slope: float, seed: int = 1, samples: int = 2) -> pd.DataFrame:
    """Ratios with ln R = 0.1 + slope · ln(rank position) + a fixed effect of each coin, `samples` a day."""
    listed = perpetuals()["perpetual"].tolist()
    rng = np.random.default_rng(seed)
    position = np.log(np.arange(1, len(listed) + 1))
    coin = 0.1 + slope * position + rng.normal(0, 0.2, len(listed))
    frames = []
    for day in days:
        for sample in range(samples):
            ratio = np.exp(coin + np.random.default_rng([seed, day.toordinal(), sample]).normal(0, 0.05, len(listed)))
            frames.append(
                pd.DataFrame(
                    {
                        "symbol": listed,
                        "file_date": day,
                        "create_time": datetime.combine(day, time(sample)),
                        "count_long_short_ratio": ratio,
                        "count_toptrader_long_short_ratio": ratio * 1.1,
                        "sum_toptrader_long_short_ratio": ratio * 0.9,
                        "sum_taker_long_short_vol_ratio": np.sqrt(ratio),
                        "label_convention": "start",
                    }
                )
            )
    return pd.concat(frames, ignore_index=True)


def blocks(days: Sequence[date]) -> pd.DataFrame:
    """First blocks of the days and of the day after the last."""
    numbered = [*days, days[-1] + timedelta(days=1)]
    return pd.DataFrame({"day": numbered, "first_block": [first_block(day) for day in numbered]})


def first_block(day: date) -> int:
    return (day - FIRST_DAY).days * BLOCKS_A_DAY


def ranges(days: Sequence[date], contracts: Sequence[str]) -> pd.DataFrame:
    """Every contract asked whole in both legs."""
    rows = [
        (day, leg, contract, first_block(day), first_block(day) + BLOCKS_A_DAY - 1, "v1", 1)
        for day in days
        for contract in contracts
        for leg in ("in", "out")
    ]
    return pd.DataFrame(rows, columns=["day", "leg", "contract", "from_block", "to_block", "wallet_set", "logs"])


def transfers(flows: dict[str, dict[date, float]]) -> pd.DataFrame:
    """One transfer a day and contract: a positive flow arrives at a wallet of the exchange. 18 decimals."""
    rows = []
    for contract, by_day in flows.items():
        for day, amount in by_day.items():
            ends = (SOMEBODY, WALLET) if amount > 0 else (WALLET, SOMEBODY)
            value = str(round(abs(amount) * 10**6)) + "0" * 12
            rows.append((f"{contract}-{day}", 0, first_block(day) + 5, contract, *ends, value))
            rows.append((f"{contract}-{day}", 1, first_block(day) + 5, contract, WALLET, OTHER_WALLET, value))
    names = ["transaction_hash", "log_index", "block_number", "contract", "from_address", "to_address", "value_raw"]
    return pd.DataFrame(rows, columns=names)
