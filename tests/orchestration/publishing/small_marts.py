"""Two small marts, their audit, their publication, and ways to disturb it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from orchestration.publishing.promote import Publication, publish
from orchestration.validation.rules import Run, Suite, Whole
from orchestration.validation.runner import validate_layer

NIGHT = date(2026, 1, 16)
AS_OF = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
SUITES = [Suite("marts", "daily", ("day",), Whole()), Suite("marts", "assets", ("symbol",), Whole())]


class Killed(BaseException):
    """Stands for a kill: nothing in the code under test may handle it."""


def write_marts(home: Path, days: int = 10) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema if not exists marts; create schema if not exists raw")
        connection.execute(f"""
            create or replace table marts.daily as
            select date '2026-01-01' + i::integer as day, i / 7 as value, {days} as days from range({days}) as r(i);
            comment on table marts.daily is 'One row per day; the reader''s own';
            comment on column marts.daily.value is 'A value';
            create or replace table marts.assets as select 'IWM' as symbol;
            create or replace table raw.bars as
            select 1.0 as close, 7::bigint as _batch_id, timestamptz '2026-01-17 10:30:00+00' as _known_at""")


def audit(home: Path) -> None:
    validate_layer(home / "warehouse.duckdb", SUITES, Run("run-1", NIGHT, AS_OF))


def promoted(home: Path, **changes: Any) -> Publication:
    labels: dict[str, Any] = {
        "night": NIGHT,
        "as_of": AS_OF,
        "run_id": "run-1",
        "market": {"kind": "generated", "seed": 1},
    }
    return publish(home / "warehouse.duckdb", home / "published", **(labels | changes))


def read(home: Path, query: str) -> list[tuple[Any, ...]]:
    """As a reader does it: from a fresh in-memory connection per query."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{home / 'published' / 'rotation.duckdb'}' as rotation (read_only); use rotation")
        return connection.sql(query).fetchall()


def manifest(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "published" / "manifest.json").read_text())
    return found


def files(home: Path) -> set[str]:
    root = home / "published"
    found = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {name for name in found if not name.startswith("versions/")}


def kept(home: Path) -> dict[int, int]:
    """The days of each kept version, read from its own files."""
    found = {}
    for folder in (home / "published" / "versions").iterdir():
        with duckdb.connect(str(folder / "rotation.duckdb"), read_only=True) as connection:
            (days,) = connection.sql("select count(*) from marts.daily").fetchall()[0]
        rows = duckdb.sql(f"select count(*) from '{folder}/parquet/daily.parquet'").fetchall()[0][0]
        assert rows == days == json.loads((folder / "manifest.json").read_text())["tables"]["daily"]["rows"]
        found[int(folder.name)] = days
    return found


def kill_at(step: int, monkeypatch: pytest.MonkeyPatch, failure: BaseException) -> None:
    """Let the n-th step that touches the disk fail: every fsync, rename and link is one."""
    steps = iter(range(1000))

    def failing(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if next(steps) == step:
                raise failure
            return original(*arguments)

        return call

    monkeypatch.setattr(os, "replace", failing(os.replace))
    monkeypatch.setattr(os, "fsync", failing(os.fsync))
    monkeypatch.setattr(os, "link", failing(os.link))
