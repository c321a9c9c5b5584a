"""dbt, in this process: parse once, build a layer, tell what became of every node.

A dbt command costs seconds to start, four times a night; in process the same build costs its own work only.
Belongs here: running dbt and letting go of its connection. What is built belongs to dbt_project/.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from ingestion.errors import RotationError
from ingestion.settings import Home
from orchestration.nights import Vintage
from orchestration.validation.ledger import columns_of

PROJECT = Path(__file__).parents[1] / "dbt_project"
_REFERENCE = Path(__file__).parents[1] / "ingestion" / "reference"
_OUT_OF_SYNC = "schemas on this incremental model are out of sync"
_TROUBLE = re.compile(
    r"IO Error: .*(\.duckdb|No space|Could not write).*|(Out of Memory|FATAL) Error: .*"
    r"|TransactionContext Error: .*(Failed to commit|Could not write).*"
)
_FAILED = ("error", "fail", "runtime error")


class TransformError(RotationError):
    """dbt stopped before it could judge its nodes: a model is wrong, not the data."""


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node. `failures` counts the rows a test refused."""

    unique_id: str
    status: str
    message: str
    failures: int | None
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status in ("success", "pass", "warn", "no-op")

    @property
    def trouble_with_the_file(self) -> str | None:
        """What DuckDB said where it is not the model's fault: the disk is full, or the file is not to be had."""
        found = _TROUBLE.search(self.message)
        return found.group() if found else None


@dataclass(frozen=True)
class Dbt:
    """The dbt project over the warehouse of one home."""

    home: Home

    @property
    def target(self) -> Path:
        return self.home.home / "dbt"

    def manifest(self) -> Mapping[str, Any]:
        """The parsed project; parsed anew only when its files are not those that were parsed."""
        path, mark = self.target / "manifest.json", self.target / "manifest.inputs"
        present = _fingerprint()
        if not path.exists() or not mark.exists() or mark.read_text(encoding="utf-8") != present:
            self._invoke(["parse", "--write-json"])
            mark.write_text(present, encoding="utf-8")
        found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def build(self, select: list[str], vintage: Vintage, *, from_nothing: bool = False) -> list[NodeResult]:
        """Build and test the selected nodes as of a vintage; a node that fails is a result and not an exception.

        `from_nothing` keeps no row of an earlier build but the history of a mart that is never built anew.
        """
        variables = json.dumps({"as_of": vintage.as_of_text, "night": vintage.night.day.isoformat()})
        parsed = _parsed(self.home.home, variables, _fingerprint())
        arguments = ["build", "--select", *select, "--exclude-resource-type", "unit_test", "--vars", variables]
        arguments.append("--no-write-json")
        if from_nothing:
            arguments.append("--full-refresh")
        result = self._invoke(arguments, parsed)
        if any(_OUT_OF_SYNC in str(node.message) for node in result.results):
            # The project has other columns than the tables it built before: all of them follow from raw.
            result = self._invoke([*arguments, "--full-refresh"], parsed)
        _drop_leftovers(self.home.warehouse)
        return [
            NodeResult(
                node.node.unique_id,
                str(node.status),
                str(node.message or ""),
                node.failures,
                float(node.execution_time),
            )
            for node in result.results
        ]

    def _invoke(self, arguments: list[str], parsed: Manifest | None = None) -> Any:
        self.target.mkdir(parents=True, exist_ok=True)
        target = str(self.target.resolve())
        places = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", target]
        options = ["--log-path", target, "--quiet", "--no-version-check"]
        with _warehouse_in_environment(self.home.warehouse):
            try:
                outcome = dbtRunner(parsed).invoke([*arguments, *places, *options])
            finally:
                DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        if outcome.exception is not None:
            reason = " ".join(str(outcome.exception).split())
            if isinstance(outcome.exception, OSError):
                raise TransformError(f"dbt cannot write {target} ({reason}): free the disk, and run the night again")
            raise TransformError(f"dbt {arguments[0]} stopped: {reason}; see {self.target / 'dbt.log'}")
        return outcome.result


@lru_cache(maxsize=1)
def _parsed(home: Path, variables: str, _fingerprint: str) -> Manifest:
    """The project parsed with a night's variables, once for its three layers: each would take two seconds again."""
    found: Manifest = Dbt(Home(home=home))._invoke(["parse", "--vars", variables, "--no-write-json"])
    return found


def failed(results: list[NodeResult]) -> list[NodeResult]:
    """The nodes that failed or could not run."""
    return [result for result in results if result.status in _FAILED]


def _drop_leftovers(warehouse: Path) -> None:
    """Drop the tables that dbt made on its way: it leaves those of incremental Python models behind, every night."""
    with duckdb.connect(str(warehouse)) as connection:
        for schema, table in connection.sql(_LEFTOVERS).fetchall():
            connection.execute(f'drop table "{schema}"."{table}"')


_LEFTOVERS = r"select schema_name, table_name from duckdb_tables() where regexp_matches(table_name, '__dbt_tmp\d*$')"


@dataclass(frozen=True)
class Built:
    """What a table holds after a build: its columns with their types, and its rows; None for a view, which would have
    to be computed to be counted."""

    rows: int | None
    columns: Mapping[str, str]


def what_was_built(warehouse: Path, tables: list[tuple[str, str]]) -> dict[tuple[str, str], Built]:
    """Rows and columns of each (schema, table)."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        views = set(connection.sql("select schema_name, view_name from duckdb_views()").fetchall())
        return {
            name: Built(None if name in views else _rows(connection, *name), columns_of(connection, *name))
            for name in tables
        }


def _rows(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> int:
    return int(connection.sql(f'select count(*) from "{schema}"."{table}"').fetchall()[0][0])  # noqa: S608 - our names


@contextmanager
def _warehouse_in_environment(warehouse: Path) -> Iterator[None]:
    """dbt reads its connection from the environment."""
    os.environ["ROTATION_WAREHOUSE"] = str(warehouse.resolve())
    try:
        yield
    finally:
        del os.environ["ROTATION_WAREHOUSE"]


def _fingerprint() -> str:
    """What tells that a file of the project was changed, added or removed: names, sizes and times, not contents."""
    inside = (path for path in PROJECT.rglob("*") if path.suffix in (".sql", ".yml", ".py", ".csv"))
    stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in (*inside, *_REFERENCE.glob("*.csv"))]
    return hashlib.sha256(repr(sorted(stats)).encode()).hexdigest()
