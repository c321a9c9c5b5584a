"""The columns that the gates see: of tables and views, and what is told where there are none."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from orchestration.validation.ledger import columns_of


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(
            """create schema s; create table s.t (day date, n decimal(5, 2)); create view s.v as from s.t"""
        )
        yield connection


def test_columns_come_in_order_with_their_types(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert list(columns_of(warehouse, "s", "t").items()) == [("day", "DATE"), ("n", "DECIMAL(5,2)")]
    assert columns_of(warehouse, "s", "v") == columns_of(warehouse, "s", "t")


@pytest.mark.parametrize(("schema", "table"), [("s", "none"), ("none", "t"), ("s", 'a"b')])
def test_what_is_not_there_has_no_columns(warehouse: duckdb.DuckDBPyConnection, schema: str, table: str) -> None:
    assert columns_of(warehouse, schema, table) == {}


def test_a_view_over_a_table_that_is_gone_says_what_is_missing(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("drop table s.t")
    with pytest.raises(duckdb.CatalogException, match="Table with name t does not exist"):
        columns_of(warehouse, "s", "v")
