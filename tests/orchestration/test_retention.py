"""Dagster's record of old runs is let go whole, newer ones stay."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ingestion.settings import Home
from orchestration.event_log import EventLog
from orchestration.retention import LetGo, let_go
from orchestration.run import prepare_instance

KEY = dg.AssetKey(["marts", "example"])


@dg.asset(key=KEY, check_specs=[dg.AssetCheckSpec("has_rows", asset=KEY)])
def example() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult(asset_key=KEY)
    yield dg.AssetCheckResult(passed=True, asset_key=KEY, check_name="has_rows")


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for name in ("DAGSTER_HOME", "ROTATION_HOME"):  # prepare_instance sets both for its process
        monkeypatch.setenv(name, "")
    prepare_instance(Home(home=tmp_path))
    with dg.DagsterInstance.get() as found:
        yield found


def rows(home: Path) -> list[int]:
    with sqlite3.connect(home / "dagster" / "event_log.db") as log:
        counted = ("event_logs", "asset_check_executions")
        return [log.execute(f"select count(*) from {table}").fetchone()[0] for table in counted]


def test_old_runs_go_with_their_events_and_their_checks(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    assert isinstance(instance.event_log_storage, EventLog)
    for _ in range(2):
        assert dg.materialize([example], instance=instance).success
    events, checks = rows(tmp_path)
    assert events > 10
    assert checks == 2
    assert let_go(Home(home=tmp_path), instance) == LetGo(0, 0)
    assert rows(tmp_path) == [events, checks]
    assert let_go(Home(home=tmp_path), instance, datetime.now(UTC) + timedelta(days=15)) == LetGo(2, 0)
    assert rows(tmp_path) == [0, 0]
    assert instance.get_runs() == []
