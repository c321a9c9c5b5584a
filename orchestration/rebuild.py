"""What was known at a past moment, built again by the same dbt project and gates, into a folder of its own.

Belongs here: choosing the vintage, copying the facts that were known, and running the layers over them. The home itself
is only read. Raw keeps every version with the moment it became known, so nothing has to be asked again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from ingestion.catalogue import RAW_TABLES
from ingestion.errors import RotationError, SettingsError
from ingestion.night import Night
from ingestion.settings import Home, Retention
from ingestion.warehouse import raw
from ingestion.warehouse.lock import writer_lock
from orchestration.layers import LAYERS, layer_nodes
from orchestration.market import LIVE, market_of
from orchestration.nights import Vintage
from orchestration.publication import grains
from orchestration.publishing.files import quoted
from orchestration.publishing.promote import Publication, publish
from orchestration.transform import Dbt, failed
from orchestration.validation import quarantine
from orchestration.validation.rules import Run, blocked, verdict
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import suites_of

# Facts beside raw, and the moment from which each was known.
_LEDGERS = {"request_outcomes": "fetched_at", "revisions": "revised_at", "quarantine_decisions": "known_at"}


class RebuildError(RotationError):
    """The past cannot be built again: the text says what stopped it."""


@dataclass(frozen=True)
class Rebuilt:
    """What was built: the vintage, the file readers may open, and its publication."""

    vintage: Vintage
    database: Path
    publication: Publication


def rebuild(home: Home, as_of: datetime, output: Path | None = None, tell: Callable[[str], None] = print) -> Rebuilt:
    """Build and publish the marts as they were known at `as_of`, into `<home>/rebuilt/<moment>/` or into `output`.

    Raises `RebuildError` when nothing was known then, a model fails or a gate refuses, and `SettingsError` when
    `output` is a file of the home itself.
    """
    if output is not None:
        _refuse_own_files(home, output)
    with writer_lock(home.home, "copying what was known"):  # a file that is being written cannot be read
        with duckdb.connect() as connection:
            connection.execute(f"set TimeZone = 'UTC'; attach {quoted(home.warehouse)} as home (read_only)")
            vintage = _vintage(connection, home, as_of)
        place = Home(home=home.home / "rebuilt" / f"{vintage.as_of:%Y-%m-%dT%H%M%S.%fZ}")
        place.home.mkdir(parents=True, exist_ok=True)
        place.warehouse.unlink(missing_ok=True)
        place.warehouse.with_name(place.warehouse.name + ".wal").unlink(missing_ok=True)
        _share_parsed_project(home, place)
        manifest = Dbt(place).manifest()
        tell(f"facts known at {vintage.as_of_text}, night of {vintage.night.day}")
        _copy_facts(home, place, vintage, manifest)
    run = Run(f"rebuild {vintage.as_of_text}", vintage.night.day, datetime.now(UTC))
    _judge(place, "raw", run)
    for layer in LAYERS:
        tell(f"dbt and gate: {layer}")
        _build(place, layer, vintage, manifest)
        _judge(place, layer, run)
    market = market_of(home) or LIVE
    published = publish(
        place.warehouse,
        place.published,
        night=vintage.night.day,
        as_of=vintage.as_of,
        run_id=run.run_id,
        market=market.as_json() | {"rebuilt_as_of": vintage.as_of_text},
        grains=grains(),
        keep=Retention().versions,
    )
    return Rebuilt(vintage, _hand_over(published.path, output), published)


def _vintage(connection: duckdb.DuckDBPyConnection, home: Home, as_of: datetime) -> Vintage:
    """The newest night that had an answer at `as_of`, seen from its last answer by then: the moment it published."""
    first, night, last = connection.execute(
        """
        select epoch_us(min(fetched_at)), max(night) filter (where fetched_at <= $moment),
            epoch_us(max(fetched_at) filter (where fetched_at <= $moment)) from home.meta.request_outcomes""",
        {"moment": as_of},
    ).fetchall()[0]
    if night is None:
        known = f"the first answer arrived at {_moment(first):%Y-%m-%dT%H:%M:%SZ}" if first else "nothing was collected"
        raise RebuildError(f"{home.home} knew nothing at {as_of:%Y-%m-%dT%H:%M:%SZ}: {known}; choose a later --as-of")
    released = None
    if "quarantine_decisions" in _meta_tables(connection):
        (released,) = connection.execute(
            """select epoch_us(max(known_at)) from home.meta.quarantine_decisions
            where decision = 'released' and known_at <= ?""",
            [as_of],
        ).fetchall()[0]
    return Vintage(Night(night), _moment(max(last, released or 0)))


def _copy_facts(home: Home, place: Home, vintage: Vintage, manifest: Mapping[str, Any]) -> None:
    moment = f"timestamptz {quoted(vintage.as_of_text)}"
    with duckdb.connect(str(place.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
        connection.execute(f"set TimeZone = 'UTC'; attach {quoted(home.warehouse)} as home (read_only)")
        for table in _shared(connection, "raw"):
            # In the order in which they were loaded: a table that is read in parts reads them from neighbouring blocks.
            connection.execute(
                f'insert into raw."{table}" by name from home.raw."{table}" where {raw.KNOWN_AT} <= {moment}'
            )
        for table in _shared(connection, "quarantine"):
            connection.execute(f"""
                insert into quarantine."{table}" by name from home.quarantine."{table}"
                where _batch_id in (select _batch_id from raw."{table}")""")  # noqa: S608
        known = _meta_tables(connection)
        for table, column in _LEDGERS.items():
            if table in known:
                connection.execute(f"create table if not exists meta.{table} as from home.meta.{table} limit 0")
                connection.execute(
                    f"insert into meta.{table} by name from home.meta.{table} where {column} <= {moment}"
                )
        connection.execute("""
            insert into meta.batches by name
            from home.meta.batches where batch_id in (select batch_id from meta.request_outcomes)""")
        _copy_evaluations(connection, vintage, manifest)
        connection.execute("detach home")


def _copy_evaluations(connection: duckdb.DuckDBPyConnection, vintage: Vintage, manifest: Mapping[str, Any]) -> None:
    """Earlier evaluations stay as they were published: they are facts, and no run makes them again."""
    for node in manifest["nodes"].values():
        config = node["config"]
        if node["resource_type"] != "model" or config.get("full_refresh") is not False:
            continue
        schema, table, key = node["schema"], node["name"], config["unique_key"]
        columns = connection.execute(
            """select list(column_name) from duckdb_columns()
            where database_name = 'home' and schema_name = ? and table_name = ?""",
            [schema, table],
        ).fetchall()[0][0]
        if not columns:
            continue
        # Where an evaluation says when it was made, one that was made again later is left out.
        known, values = f'"{key}" < ?', [vintage.night.day.isoformat()]
        if "as_of" in columns:
            known, values = f"{known} and as_of <= ?::timestamptz", [*values, vintage.as_of_text]
        connection.execute(f'create schema if not exists "{schema}"')
        connection.execute(
            f'create table "{schema}"."{table}" as from home."{schema}"."{table}" where {known}',
            values,
        )


def _build(place: Home, layer: str, vintage: Vintage, manifest: Mapping[str, Any]) -> None:
    names = [manifest["nodes"][unique_id]["name"] for unique_id in layer_nodes(manifest, layer)]
    broken = failed(Dbt(place).build(names, vintage))
    if broken:
        told = "; ".join(f"{result.unique_id.split('.')[-1]}: {result.message}" for result in broken[:3])
        raise RebuildError(f"{len(broken)} nodes of {layer} failed as of {vintage.as_of_text}: {told}")


def _judge(place: Home, layer: str, run: Run) -> None:
    results = validate_layer(place.warehouse, suites_of(layer), run)
    if layer == "raw":
        with duckdb.connect(str(place.warehouse)) as connection:
            quarantine.count(connection)
    if blocked(results):
        raise RebuildError(f"the gate of {layer} refused what was known then: {verdict(results)}")


def _share_parsed_project(home: Home, place: Home) -> None:
    """Parsing takes seconds, and the project is the same."""
    target = Dbt(place).target
    target.mkdir(exist_ok=True)
    for name in ("manifest.json", "manifest.inputs", "partial_parse.msgpack"):
        if (Dbt(home).target / name).exists():
            shutil.copyfile(Dbt(home).target / name, target / name)


def _refuse_own_files(home: Home, output: Path) -> None:
    resolved = output.resolve()
    if resolved == home.warehouse.resolve() or resolved.is_relative_to(home.published.resolve()):
        raise SettingsError(f"{output} belongs to the home itself: choose another file for --output")
    if resolved.is_dir():
        raise SettingsError(f"{output} is a folder: give --output a file name")


def _hand_over(database: Path, output: Path | None) -> Path:
    if output is None:
        return database
    output.parent.mkdir(parents=True, exist_ok=True)
    unfinished = output.with_name(output.name + ".writing")
    shutil.copyfile(database, unfinished)
    os.replace(unfinished, output)
    return output


def _shared(connection: duckdb.DuckDBPyConnection, schema: str) -> list[str]:
    """Tables of a schema that the home has as well."""
    found = connection.execute(
        """select table_name from duckdb_tables() where schema_name = ?
        group by table_name having count(distinct database_name) = 2 order by 1""",
        [schema],
    ).fetchall()
    return [row[0] for row in found]


def _meta_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = 'home' and schema_name = 'meta'"
    ).fetchall()
    return {row[0] for row in found}


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC)
