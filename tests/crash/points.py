"""Every point at which a process changes its home, and ending the process at one of them.

Belongs here: finding the points. Files are watched by the interpreter's own audit events (opened to be written,
renamed, removed, folders made), so no call of the pipeline can be forgotten; what happens below Python is watched where
it is called: Parquet files (before, torn in half, and whole), flushing, each statement of DuckDB that may write, and
closing a database.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

ENDED_HERE = 77
_WRITES = re.compile(r"\b(create|insert|update|delete|drop|alter|begin|commit|copy|checkpoint)\b", re.IGNORECASE)
_IN_MEMORY = re.compile(r"\s*create or replace temp table\b", re.IGNORECASE)
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"}


class Points:
    """Counts the points that are passed and ends the process, as a kill does, before the `fatal` one takes effect.

    Use it in a process of its own: what it watches is watched to the end of the process.
    """

    def __init__(self, home: Path, fatal: int, tell: Callable[[str], None]) -> None:
        self._home = str(home.resolve())
        self._left = fatal
        self._tell = tell
        self.passed = 0

    def watch(self) -> None:
        """From now on."""
        sys.addaudithook(self._on_event)
        os.fsync = self._before("fsync", os.fsync)
        pq.write_table = self._torn(pq.write_table)
        duckdb.connect = self._connected(duckdb.connect)

    def reach(self, name: str) -> None:
        """Pass one point, or end here."""
        self.passed += 1
        self._left -= 1
        if self._left == 0:
            self._tell(name)
            os._exit(ENDED_HERE)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes and self._is_ours(path):
                self.reach(f"open {Path(os.fsdecode(path)).name} to write")
        elif event in _CHANGES and self._is_ours(arguments[0]):
            self.reach(f"{event} {Path(os.fsdecode(arguments[0])).name}")

    def _is_ours(self, path: object) -> bool:
        return isinstance(path, str | bytes | os.PathLike) and os.path.abspath(os.fsdecode(path)).startswith(self._home)

    def _before(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> Any:
            self.reach(name)
            return function(*arguments, **options)

        return watched

    def _torn(self, write: Callable[..., Any]) -> Callable[..., Any]:
        def watched(table: Any, where: Any, **options: Any) -> None:
            self.reach("write Parquet")
            write(table, where, **options)
            whole = Path(where).read_bytes()
            os.truncate(where, len(whole) // 2)  # a point of its own: the file is there, and half of it
            with open(where, "r+b") as handle:
                self.reach("Parquet half written")
                handle.write(whole)

        return watched

    def _connected(self, connect: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **options: Any) -> _Connection:
            self.reach("open a database")
            return _Connection(connect(*arguments, **options), self)

        return watched


class _Connection:
    """A DuckDB connection whose statements are points."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, points: Points) -> None:
        self._connection = connection
        self._points = points

    def execute(self, query: str, *arguments: Any) -> _Connection:
        if _WRITES.search(query) and not _IN_MEMORY.match(query):
            self._points.reach(" ".join(query.split())[:60])
        self._connection.execute(query, *arguments)
        return self

    def cursor(self) -> _Connection:
        return _Connection(self._connection.cursor(), self._points)

    def close(self) -> None:
        self._points.reach("close a database")
        self._connection.close()

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)
