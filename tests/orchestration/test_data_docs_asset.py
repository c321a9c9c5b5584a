"""Data Docs as somebody asks for them: from Dagster, from the command line, and beside another run."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.catalogue import RAW_TABLES
from ingestion.errors import HomeBusyError
from ingestion.settings import Home
from ingestion.warehouse import raw
from orchestration.data_docs import build_data_docs, data_docs
from orchestration.run_lock import WRITER, writer
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home in which one table was judged."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        raw.prepare(connection, RAW_TABLES)
        run = Run("run", date(2026, 1, 16), datetime(2026, 1, 17, 10, 30, tzinfo=UTC))
        validate(connection, suite_of("raw", "yahoo_chart"), run)
    return Home(home=tmp_path)


def test_the_asset_says_what_it_built(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROTATION_HOME", str(home.home))
    (built,) = dg.materialize([data_docs], resources={WRITER: writer}).get_asset_materialization_events()
    said = {name: value.value for name, value in built.materialization.metadata.items()}
    assert said["index"] == str(home.docs / "data_docs" / "index.html")
    assert (said["night"], said["tables"], said["rules_left_out"]) == ("2026-01-16", 1, [])
    assert "data_docs/index.html" in (home.docs / "validations.html").read_text(encoding="utf-8")


def test_the_command_says_where_to_look(home: Home) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "docs", "--home", str(home.home)],
        env=os.environ | {"COLUMNS": "400"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{home.docs / 'data_docs' / 'index.html'}: the night of 2026-01-16, 1 tables, " in said.stdout


def test_a_home_in_use_is_named_and_nothing_is_built(home: Home) -> None:
    code = f"""
from pathlib import Path; from ingestion.warehouse.lock import writer_lock
with writer_lock(Path({str(home.home)!r}), "the night of 2026-01-17"): print("held", flush=True); input()"""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(HomeBusyError, match="the night of 2026-01-17"):
            build_data_docs(home)
        other.communicate("\n")
    assert not home.docs.exists()
