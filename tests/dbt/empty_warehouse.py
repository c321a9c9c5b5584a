"""A warehouse with the raw tables and nothing in them, and dbt over it: no network, no night."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from ingestion.catalogue import RAW_TABLES
from ingestion.warehouse import raw

PROJECT = Path(__file__).parents[2] / "dbt_project"


class Warehouse:
    """One temporary warehouse."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "warehouse.duckdb"
        self._target = folder / "dbt"
        with duckdb.connect(str(self.path), config={"storage_compatibility_version": "v1.2.0"}) as connection:
            raw.prepare(connection, RAW_TABLES)

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

    def query(self, sql: str) -> pd.DataFrame:
        with duckdb.connect(str(self.path), read_only=True) as connection:
            return connection.sql(sql).df()


def as_of(night: date) -> str:
    """What the pipeline passes to dbt for a night: 10:30 UTC of the next day."""
    return datetime.combine(night + timedelta(days=1), time(10, 30)).isoformat(sep=" ") + "+00:00"
