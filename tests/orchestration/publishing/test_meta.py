"""The schema `meta` of the published file is what the dictionary says of it, whatever the night had no need of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest
from small_marts import promoted, read

from ingestion.warehouse import raw
from orchestration.publishing import meta
from orchestration.publishing.promote import roll_back
from orchestration.validation import quarantine


def fill(home: Path) -> None:
    """The ledgers as the stages of a night make them."""
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        raw.prepare(connection)
        quarantine.count(connection)


def described() -> list[tuple[str, str, str]]:
    return [
        (table.name, name, str(duckdb.sql(f"select null::{column.type} as x").types[0]))
        for table in sorted(meta.TABLES, key=lambda table: table.name)
        for name, column in table.columns.items()
    ]


COLUMNS = """
    select table_name, column_name, data_type from duckdb_columns()
    where database_name = 'rotation' and schema_name = 'meta' order by table_name, column_index"""
UNTOLD = """
    select count(*) from duckdb_columns()
    where database_name = 'rotation' and schema_name = 'meta' and coalesce(comment, '') = ''"""


# What publishing itself makes from the dictionary: here by hand, because readers ask for these names.
HISTORY = {
    "publication_changes": """
        publication_id BIGINT, table_name VARCHAR, status VARCHAR, rows_before BIGINT, rows_after BIGINT,
        rows_added BIGINT, rows_changed BIGINT, rows_removed BIGINT, columns_added VARCHAR[], columns_removed VARCHAR[],
        columns_retyped VARCHAR[]""",
    "publications": """
        publication_id BIGINT, run_id VARCHAR, night DATE, as_of TIMESTAMP WITH TIME ZONE,
        published_at TIMESTAMP WITH TIME ZONE, market JSON, tables BIGINT, row_count BIGINT, fingerprint VARCHAR,
        rolled_back_to BIGINT""",
}


def test_what_publishing_makes_itself_is_what_readers_ask_for(home: Path) -> None:
    promoted(home)
    found: dict[str, list[str]] = {}
    for table, column, kind in read(home, COLUMNS):
        found.setdefault(table, []).append(f"{column} {kind}")
    assert {name: ", ".join(found[name]) for name in HISTORY} == {
        name: " ".join(columns.split()) for name, columns in HISTORY.items()
    }


def test_every_other_table_is_made_where_it_is_filled(home: Path) -> None:
    """Otherwise the dictionary below would be compared with what was made from it."""
    fill(home)
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        made = connection.sql("select table_name from duckdb_tables() where schema_name = 'meta'").fetchall()
    assert {table.name for table in meta.TABLES} - {name for (name,) in made} == set(HISTORY)


@pytest.mark.parametrize("is_filled", [True, False])
def test_the_dictionary_and_the_published_file_say_the_same_of_meta(home: Path, is_filled: bool) -> None:
    if is_filled:
        fill(home)
    promoted(home)
    assert read(home, COLUMNS) == described()


def test_a_reader_finds_the_descriptions_in_the_file_and_also_after_going_back(home: Path) -> None:
    promoted(home)
    assert read(home, UNTOLD) == [(0,)]
    said = "select comment from duckdb_tables() where database_name = 'rotation' and table_name = 'coverage_gaps'"
    assert read(home, said)[0][0].startswith("What is missing, from when to when, and why.")
    promoted(home, night=date(2026, 1, 17))
    roll_back(home / "published", run_id="back")
    assert read(home, UNTOLD) == [(0,)]
