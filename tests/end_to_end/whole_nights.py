"""Whole nights as a user runs them: the command in a process of its own, and the file that readers open."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

PROGRAM = "from orchestration.cli import main; main()"
RECORDED = Path(__file__).parents[3] / "shared" / "real_market"


@dataclass(frozen=True)
class Place:
    """One home and the market its nights are served from."""

    home: Path
    market: Path

    def night(self, day: str) -> None:
        """Run one night; its own words are the message when it fails."""
        done = rotation("demo", "--market", str(self.market), "--home", str(self.home), "--date", day)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    @property
    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "published" / "manifest.json").read_text())
        return found

    def published(self, sql: str, night: str | None = None) -> pd.DataFrame:
        """Ask the published file, or the kept one of an earlier night, which had that night's newest session."""
        published = self.home / "published"
        if night is not None:
            described = {path: json.loads(path.read_text()) for path in published.glob("versions/*/manifest.json")}
            (published,) = {path.parent for path, manifest in described.items() if manifest["night"] == night}
        return _read(published / "rotation.duckdb", sql)

    def warehouse(self, sql: str) -> pd.DataFrame:
        return _read(self.home / "warehouse.duckdb", sql)


def rotation(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command with these arguments, without anything of the caller's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ROTATION_", "DAGSTER_"))}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )


def _read(path: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return connection.sql(sql).df()
