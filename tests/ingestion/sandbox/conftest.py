"""A small market and its server, made once; the recorded market's server where that lies beside the checkout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from sandbox_client import LAST_DAY, RECORDED, Client

from ingestion.sandbox.files import FILES
from ingestion.sandbox.generator import SMALL, generate
from ingestion.sandbox.server import serve


@pytest.fixture(scope="session")
def small_market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("market")
    generate(directory, seed=1, size=SMALL)
    return directory


@pytest.fixture(scope="session")
def truth(small_market: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((small_market / "truth.json").read_text())
    return found


@pytest.fixture(scope="session")
def files(small_market: Path) -> duckdb.DuckDBPyConnection:
    """The files of the small market as views, whole: no last day."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name in FILES:
        connection.execute(f"CREATE VIEW {name} AS FROM '{small_market / name}.parquet'")
    return connection


@pytest.fixture(scope="session")
def sandbox(small_market: Path) -> Iterator[Client]:
    with serve(small_market, LAST_DAY) as base:
        yield Client(base)


@pytest.fixture(scope="session")
def recorded() -> Iterator[Client]:
    if not RECORDED.is_dir():
        pytest.skip("the recorded market is not beside this checkout")
    with serve(RECORDED, LAST_DAY) as base:
        yield Client(base)
