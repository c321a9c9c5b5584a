"""A market directory opened for reading: checked once, then queried; nothing after the last day is visible.

Belongs here: files, types and the cut at the last day. What a provider makes of a row belongs to its routes.
SQL here is put together from our own names and from paths that are quoted; what a request says is always a parameter.
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self

import duckdb

from ingestion.errors import SettingsError
from ingestion.sandbox.files import FILES

# A row's moment, and what of it the last day may show. A five-minute label is the end of its interval: the last one of
# a day is at midnight.
_VISIBLE = {
    "equity_bars": ("session_date", "<= $day"),
    "crypto_bars": ("open_time", "< $midnight"),
    "total_cap": ("date", "<= $day"),
    "coin_caps": ("date", "<= $day"),
    "derivatives_ratios": ("ts", "<= $midnight"),
    "exchange_flows": ("date", "<= $day"),
    "token_transfers": ("block_time", "< $midnight"),
}
# A night asks for transfers thousands of times, and for a few of them each time: opening the file takes longer than
# finding them. More of them than this would not stay in memory.
_IN_MEMORY = {"token_transfers": 1_000_000}
_MEMORY = "512MB"


class Market:
    """The files of one directory as relations of the same names, cut after `last_day`; a missing file is an empty view.

    `token_transfers_uncut` has only the blocks and their times, past the last day too: when a block falls is no news.
    """

    def __init__(self, directory: Path, last_day: date) -> None:
        """Raises `SettingsError` when the directory, a file or its columns are not what they should be."""
        self.last_day = last_day
        self.midnight = datetime.combine(last_day + timedelta(days=1), time(0), tzinfo=UTC)
        self._directory = directory
        self._converted = Path(tempfile.mkdtemp(prefix="rotation-sandbox-"))
        self._days: set[date] = set()
        beside = {"temp_directory": str(self._converted / "spilled")}
        self._connection = duckdb.connect(config={"memory_limit": _MEMORY, "threads": 2, **beside})
        try:
            self._connection.execute("SET TimeZone = 'UTC'")
            self._connection.execute("SET parquet_metadata_cache = true")
            self.present = self._open()
        except BaseException:
            self.close()
            raise

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query; its parameters are written `$name`."""
        return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        self._connection.close()
        shutil.rmtree(self._converted, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> frozenset[str]:
        if not self._directory.is_dir():
            raise SettingsError(f"there is no market directory {self._directory}: give one with --market")
        found = frozenset(name for name in FILES if self._define(name))
        if not found:
            raise SettingsError(f"{self._directory} holds no market file: expected one of {', '.join(FILES)}")
        if not self._days or not min(self._days) <= self.last_day <= max(self._days):
            held = f"{min(self._days)} to {max(self._days)}" if self._days else "no rows"
            raise SettingsError(
                f"the market {self._directory} holds {held}: choose a --date in it, not {self.last_day}"
            )
        return found

    def _define(self, name: str) -> bool:
        path = next((p for suffix in ("parquet", "csv") if (p := self._directory / f"{name}.{suffix}").is_file()), None)
        columns = FILES[name]
        if path is None:
            nothing = ", ".join(f'CAST(NULL AS {kind}) AS "{column}"' for column, kind in columns.items())
            self._view(name, f"SELECT {nothing} WHERE false")
            return False
        try:
            if path.suffix == ".csv":
                path = self._as_parquet(path, columns)
            self._check(path, self._columns(f"read_parquet({_text(path)})"), columns)
            typed = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in columns.items())
            self._view(name, f"SELECT {typed} FROM read_parquet({_text(path)})")  # noqa: S608
            self._connection.execute(f"SELECT * FROM {name} LIMIT 1").fetchall()  # noqa: S608
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise SettingsError(f"the market file {path.name} cannot be read: {reason}") from error
        return True

    def _view(self, name: str, source: str) -> None:
        moment, visible = _VISIBLE[name]
        visible = visible.replace("$day", f"DATE '{self.last_day}'")
        visible = visible.replace("$midnight", f"TIMESTAMPTZ '{self.midnight.isoformat()}'")
        is_small = self.rows(f"SELECT count(*) FROM ({source})")[0][0] <= _IN_MEMORY.get(name, -1)  # noqa: S608
        kind = "TABLE" if is_small else "VIEW"
        self._connection.execute(f"CREATE {kind} {name} AS SELECT * FROM ({source}) WHERE {moment} {visible}")  # noqa: S608
        held = self.rows(f"SELECT min({moment})::DATE, max({moment})::DATE FROM ({source})")  # noqa: S608
        self._days.update(day for day in held[0] if day is not None)
        if name == "token_transfers":
            self._connection.execute(f"CREATE VIEW {name}_uncut AS SELECT block_number, block_time FROM ({source})")  # noqa: S608

    def _as_parquet(self, path: Path, columns: dict[str, str]) -> Path:
        """A CSV is read once, into a Parquet file beside nothing of the user's, so that no request scans text."""
        source = f"read_csv({_text(path)}, header = true, all_varchar = true)"
        self._check(path, self._columns(source), columns)
        typed = ", ".join(f'CAST("{column}" AS {kind}) AS "{column}"' for column, kind in columns.items())
        target = self._converted / f"{path.stem}.parquet"
        self._connection.execute(f"COPY (SELECT {typed} FROM {source}) TO {_text(target)} (FORMAT parquet)")  # noqa: S608
        return target

    def _columns(self, source: str) -> set[str]:
        return {str(row[0]) for row in self._connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608

    @staticmethod
    def _check(path: Path, found: set[str], columns: dict[str, str]) -> None:
        if missing := [column for column in columns if column not in found]:
            raise SettingsError(f"the market file {path.name} lacks the column(s) {', '.join(missing)}")


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
