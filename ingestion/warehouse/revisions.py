"""The ledger of revisions: what a provider changed after it was first known, by how much, and how late.

Belongs here: rows of `meta.revisions`, written in the transaction that loads the newer version. Each value that changed
is a row; an archive file that was issued again is a row too, even where no value in it changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from ingestion.landing.store import Batch

if TYPE_CHECKING:
    from ingestion.warehouse.raw import RawTable

_NUMERIC = ("double", "bigint", "integer")
# `relative_change` is (new - old) / |old|, null for text and from zero; `age_days` runs from the first version of the
# key to this one. `reason`: restated, appeared (null before), withdrawn (null now), or reissued_file.
TABLE = """
    create table if not exists meta.revisions (
        source varchar not null, dataset varchar not null, table_name varchar, row_key varchar not null,
        column_name varchar not null, old_value varchar, new_value varchar, relative_change double,
        first_known_at timestamptz not null, revised_at timestamptz not null, age_days double not null,
        reason varchar not null, batch_id bigint not null)"""


def record(connection: duckdb.DuckDBPyConnection, table: RawTable, batch: Batch, same: str, prune: str) -> None:
    """Write down every value of `versions` that differs from the newest stored version of its key.

    `same` joins `stored` and `versions` on the key, `prune` bounds the stored rows; both are SQL of our own names.
    """
    connection.execute(f"""
        create or replace temp table revised as
        select versions._position, arg_max(stored, (stored._known_at, stored._batch_id)) as old,
            min(stored._known_at) as first_known_at
        from raw.{table.name} as stored join versions on {same}
        where not versions.is_new and {prune}
        group by versions._position""")  # noqa: S608 - names are checked when the table is declared
    key = ", ".join(f'"{name}" := versions."{name}"' for name in table.key)
    changed = " union all by name ".join(
        _changed(name, table.columns[name]) for name in table.columns if name not in table.key
    )
    connection.execute(
        f"""
        insert into meta.revisions
        select ?, ?, ?, to_json(struct_pack({key}))::varchar, change.column_name, change.old_value, change.new_value,
            change.relative_change, revised.first_known_at, versions._known_at,
            date_diff('second', revised.first_known_at, versions._known_at) / 86400.0,
            case when change.old_value is null then 'appeared' when change.new_value is null then 'withdrawn'
                else 'restated' end,
            ?
        from ({changed}) as change join versions using (_position) join revised using (_position)
        order by versions._position""",  # noqa: S608
        [batch.source, batch.dataset, table.name, batch.batch_id],
    )
    connection.execute("drop table revised")


def _changed(name: str, kind: str) -> str:
    old, new = f'revised.old."{name}"', f'versions."{name}"'
    relative = f"({new} - {old}) / nullif(abs({old}), 0.0)" if kind in _NUMERIC else "cast(null as double)"
    return f"""
        select _position, '{name}' as column_name, {old}::varchar as old_value, {new}::varchar as new_value,
            {relative} as relative_change
        from versions join revised using (_position) where {old} is distinct from {new}"""  # noqa: S608


def record_reissued(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Write down every file of this batch whose bytes are not those that were landed for it before.

    A file is an answer that comes with a checksum: its bytes are promised not to change. Other answers do change from
    one night to the next and are compared by their rows.
    """
    connection.execute(
        """
        insert into meta.revisions
        with files as (
            select unit, body_sha256, fetched_at, batch_id, position from meta.request_outcomes
            where source = $source and dataset = $dataset and kind = 'data' and outcome in ('ok', 'empty')
                and unit in (
                    select unit from meta.request_outcomes where batch_id = $batch and kind = 'checksum')),
        told as (
            select *, lag(body_sha256) over following as old_sha256, first_value(fetched_at) over following as first_at
            from files window following as (partition by unit order by batch_id, position))
        select $source, $dataset, null, unit, 'body_sha256', old_sha256, body_sha256, null, first_at, fetched_at,
            date_diff('second', first_at, fetched_at) / 86400.0, 'reissued_file', batch_id
        from told where batch_id = $batch and old_sha256 <> body_sha256 order by position""",
        {"source": batch.source, "dataset": batch.dataset, "batch": batch.batch_id},
    )
