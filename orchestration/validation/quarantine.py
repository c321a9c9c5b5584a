"""Rows that a gate set aside, and what people decided about them.

Belongs here: listing, deciding, and letting a decision take effect. Setting a row aside belongs to `runner`.

A decision is a line of the home's journal, `quarantine.jsonl`, written before anything else: the one thing in a home
that no provider can be asked for again, so it outlives the warehouse. A released row is appended to raw once more, in a
batch of its own that is known from the moment of the decision: staging, incremental models and rebuilds as of a past
moment then treat it as they treat every other fact. A dropped row stays where it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb

from ingestion.errors import RotationError
from ingestion.landing.store import Landing
from ingestion.settings import Home
from ingestion.warehouse import raw
from ingestion.warehouse.transactions import transaction
from orchestration.validation import ledger
from orchestration.validation.suites import suite_of

Choice = Literal["released", "dropped"]
_COUNTS = "night date, table_name varchar, rule varchar, reason varchar, decision varchar, rows bigint"


class QuarantineError(RotationError):
    """The decision cannot be made: the text says which row it is about and why."""


@dataclass(frozen=True)
class Decision:
    """What was decided about one row, by whom, when, why, and from which moment on it counts."""

    table_name: str
    batch_id: int
    row_hash: int
    decision: Choice
    decided_by: str
    decided_at: datetime
    why: str
    known_at: datetime


@dataclass(frozen=True)
class Refused:
    """One row in quarantine with all rules it broke. `decision` is waiting, released or dropped."""

    row_id: str
    table_name: str
    batch_id: int
    row_hash: int
    rules: str
    reasons: str
    quarantined_at: datetime
    decision: str
    trail: str
    row_json: str


def listed(connection: duckdb.DuckDBPyConnection) -> list[Refused]:
    """Every row in quarantine, oldest first."""
    found = []
    for table in _tables(connection):
        rows = connection.execute(
            f"""
            select left(md5(concat_ws(':', ?, q._batch_id, q._row_hash)), 12), q._batch_id, q._row_hash,
                string_agg(distinct q.rule, ', ' order by q.rule),
                string_agg(distinct q.reason, '; ' order by q.reason), epoch_us(min(q.quarantined_at)),
                coalesce(any_value(d.decision), 'waiting'),
                coalesce(any_value(
                    concat(d.decided_by, ' at ', strftime(d.decided_at, '%Y-%m-%d %H:%M'), ': ', d.why)), ''),
                any_value(q.row_json)
            from quarantine."{table}" as q
            left join meta.quarantine_decisions as d
                on d.table_name = ? and d.batch_id = q._batch_id and d.row_hash = q._row_hash
            group by q._batch_id, q._row_hash""",  # noqa: S608 - a table name of this database's own catalogue
            [table, table],
        ).fetchall()
        found += [
            Refused(row_id, table, batch, row_hash, rules, reasons, _moment(since), decision, trail, content)
            for row_id, batch, row_hash, rules, reasons, since, decision, trail, content in rows
        ]
    return sorted(found, key=lambda row: (row.quarantined_at, row.table_name, row.batch_id, row.row_hash))


def decide(
    home: Home, choice: Choice, row_ids: Sequence[str], *, why: str, by: str, now: datetime, known_at: datetime
) -> list[Decision]:
    """Write decisions into the journal and let them take effect; all of them or none.

    Raises `QuarantineError` for a row that is not there, was decided before, or has been overtaken by a newer version.
    """
    if not why.strip():
        raise QuarantineError("a decision needs its reason: give --why")
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        rows = {row.row_id: row for row in listed(connection)}
        chosen = []
        for row_id in dict.fromkeys(row_ids):
            row = rows.get(row_id)
            if row is None:
                raise QuarantineError(f"there is no row {row_id} in quarantine: 'rotation quarantine list' names them")
            if row.decision != "waiting":
                raise QuarantineError(f"row {row_id} of {row.table_name} was {row.decision} by {row.trail}")
            if choice == "released" and _overtaken(connection, row):
                raise QuarantineError(
                    f"row {row_id} of {row.table_name} has a newer version that is in use: there is nothing to release"
                )
            chosen.append(Decision(row.table_name, row.batch_id, row.row_hash, choice, by, now, why.strip(), known_at))
        _write(_journal(home), chosen)
        apply(connection, home)
        count(connection)
    return chosen


def apply(connection: duckdb.DuckDBPyConnection, home: Home) -> int:
    """Let every decision of the journal take effect that has not yet; returns how many did.

    Called before the raw gate as well: a warehouse that was made anew from landing gets its decisions back.
    """
    ledger.prepare(connection)
    applied = 0
    tables = _tables(connection)
    for decision in _read(_journal(home)):
        key = [decision.table_name, decision.batch_id, decision.row_hash]
        done = connection.execute(
            "select 1 from meta.quarantine_decisions where (table_name, batch_id, row_hash) = (?, ?, ?)", key
        ).fetchone()
        if done or decision.table_name not in tables or not _is_loaded(connection, decision):
            continue
        with transaction(connection):
            batch = _readmit(connection, decision, home) if decision.decision == "released" else None
            connection.execute(
                "insert into meta.quarantine_decisions values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(*key, decision.decision, decision.decided_by, decision.decided_at),
                    *(decision.why, decision.known_at, batch),
                ],
            )
        applied += 1
    return applied


def count(connection: duckdb.DuckDBPyConnection) -> None:
    """Write `meta.quarantine`: rows in quarantine by night, table, rule and decision, for status and readers."""
    parts = [
        f"""
        select b.night, '{table}' as table_name, q.rule, any_value(q.reason) as reason,
            coalesce(d.decision, 'waiting') as decision, count(*) as rows
        from quarantine."{table}" as q
        left join meta.batches as b on b.batch_id = q._batch_id and b.table_name = '{table}'
        left join meta.quarantine_decisions as d
            on d.table_name = '{table}' and d.batch_id = q._batch_id and d.row_hash = q._row_hash
        group by b.night, q.rule, d.decision"""  # noqa: S608 - table names of this database's own catalogue
        for table in _tables(connection)
    ]
    connection.execute(f"create or replace table meta.quarantine ({_COUNTS})")
    for part in parts:
        connection.execute(f"insert into meta.quarantine by name {part}")


def _readmit(connection: duckdb.DuckDBPyConnection, decision: Decision, home: Home) -> int:
    """Append the row to raw in a batch of its own, which the raw gate does not judge again."""
    batch = Landing(home.landing, after=raw.newest_batch(connection)).next_id()
    connection.execute(
        f"""
        insert into raw."{decision.table_name}" by name
        select * replace (?::bigint as _batch_id, ?::timestamptz as {raw.KNOWN_AT}) from raw."{decision.table_name}"
        where _batch_id = ? and _row_hash = ? limit 1""",  # noqa: S608
        [batch, decision.known_at, decision.batch_id, decision.row_hash],
    )
    connection.execute("insert into meta.validated_batches values ('raw', ?, ?)", [decision.table_name, batch])
    return batch


def _is_loaded(connection: duckdb.DuckDBPyConnection, decision: Decision) -> bool:
    found = connection.execute(
        f'select 1 from raw."{decision.table_name}" where _batch_id = ? and _row_hash = ? limit 1',  # noqa: S608
        [decision.batch_id, decision.row_hash],
    ).fetchone()
    return found is not None


def _overtaken(connection: duckdb.DuckDBPyConnection, row: Refused) -> bool:
    same = " and ".join(
        f'newer."{name}" is not distinct from old."{name}"' for name in suite_of("raw", row.table_name).key
    )
    found = connection.execute(
        f"""
        select 1 from raw."{row.table_name}" as old join raw."{row.table_name}" as newer on {same}
        where old._batch_id = ? and old._row_hash = ?
          and (newer.{raw.KNOWN_AT}, newer._batch_id) > (old.{raw.KNOWN_AT}, old._batch_id)
          and not exists (
              select 1 from quarantine."{row.table_name}" as refused
              where refused._batch_id = newer._batch_id and refused._row_hash = newer._row_hash)
        limit 1""",  # noqa: S608
        [row.batch_id, row.row_hash],
    ).fetchone()
    return found is not None


def _tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute(
        """select table_name from duckdb_tables()
        where schema_name = 'quarantine' and database_name = current_catalog() order by 1"""
    ).fetchall()
    return [row[0] for row in found]


def _journal(home: Home) -> Path:
    return home.home / "quarantine.jsonl"


def _write(path: Path, decisions: Sequence[Decision]) -> None:
    """Append whole lines and wait until the disk has them."""
    lines = "".join(json.dumps(asdict(decision), default=datetime.isoformat) + "\n" for decision in decisions)
    whole = path.read_bytes().rpartition(b"\n") if path.exists() else (b"", b"", b"")
    with path.open("ab") as handle:
        handle.truncate(len(whole[0] + whole[1]))  # what a killed process left unfinished
        handle.write(lines.encode())
        handle.flush()
        os.fsync(handle.fileno())


def _read(path: Path) -> list[Decision]:
    """The journal; a last line that a killed process left unfinished was never promised to anybody."""
    if not path.exists():
        return []
    found = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            record = json.loads(line)
            moments = {name: datetime.fromisoformat(record[name]) for name in ("decided_at", "known_at")}
            found.append(Decision(**(record | moments | {"row_hash": _as_number(record["row_hash"])})))
        except (ValueError, TypeError, KeyError) as error:
            raise QuarantineError(f"line {number} of {path} is no decision ({error}): correct or remove it") from error
    return found


def _as_number(row_hash: int | str) -> int:
    """A hash was written as 16 hexadecimal digits once."""
    return int(row_hash, 16) if isinstance(row_hash, str) else row_hash


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
