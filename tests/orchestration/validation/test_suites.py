"""The suites and the tables they speak about agree, in both directions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.catalogue import RAW_TABLES
from ingestion.warehouse import raw
from orchestration.validation.dictionary import tables
from orchestration.validation.rules import ChangedDays, NewBatches, Run, Suite, SuiteError, TouchedBy, Whole
from orchestration.validation.runner import validate
from orchestration.validation.suites import LAYERS, suite_of, suites_of

MODELS = Path(__file__).parents[3] / "dbt_project" / "models"
SUITES = [suite for layer in LAYERS for suite in suites_of(layer)]
PLACES = {"{slice}": "x.slice", "{table}": "x.slice", "{night}": "date '2026-01-16'", "{not_finite}": "false"}


def models(layer: str) -> set[str]:
    return {path.stem for path in (MODELS / layer).rglob("*") if path.suffix in (".sql", ".py")}


def columns_in_sql(query: str) -> set[str]:
    """The columns a query names, read from DuckDB's own parse."""
    for place, value in PLACES.items():
        query = query.replace(place, value)
    parsed = json.loads(duckdb.execute("select json_serialize_sql(?)", [query]).fetchall()[0][0])
    assert not parsed["error"], query

    def found(node: object, kind: str) -> Iterator[str]:
        if isinstance(node, dict):
            if kind == "column" and node.get("class") == "COLUMN_REF":
                yield node["column_names"][-1]
            if kind == "alias" and node.get("alias"):
                yield node["alias"]
            node = list(node.values())
        if isinstance(node, list):
            for child in node:
                yield from found(child, kind)

    return set(found(parsed, "column")) - set(found(parsed, "alias"))


def named_columns(suite: Suite) -> set[str]:
    """All columns a suite names: its key, its slice, and what its rules judge."""
    judged = {column for rule in suite.rules for column in rule.columns}
    in_sql = {column for rule in suite.rules if rule.measure for column in columns_in_sql(rule.measure)}
    cut = {suite.slice.column} if isinstance(suite.slice, ChangedDays | TouchedBy) else set()
    ignored = set(suite.slice.ignoring) if isinstance(suite.slice, ChangedDays) else set()
    return {*suite.key, *judged, *in_sql, *cut, *ignored}


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "raw"])
def test_every_model_has_a_suite_and_every_suite_a_model(layer: str) -> None:
    assert {suite.table for suite in suites_of(layer)} == models(layer)


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.full_name)
def test_a_suite_has_the_key_of_the_dictionary_and_names_only_columns_in_it(suite: Suite) -> None:
    table = tables()[suite.schema, suite.table]
    always = {"_batch_id", raw.KNOWN_AT, "rowid", "_position"} if suite.schema == "raw" else set()
    assert suite.key == table.key
    beside = [
        name for rule in suite.rules for name in re.findall(r"\b(staging|intermediate)\.(\w+)", rule.measure or "")
    ]
    elsewhere = {column for name in beside for column in tables()[name].columns}
    assert named_columns(suite) - {*table.columns, *always, *elsewhere} == set()


def test_every_raw_table_has_a_suite_that_looks_at_its_new_batches() -> None:
    assert {suite.table for suite in suites_of("raw")} == {table.name for table in RAW_TABLES}
    assert {type(suite.slice) for suite in suites_of("raw")} == {NewBatches}


def test_a_slice_of_staging_names_a_column_of_raw() -> None:
    tables = {table.name: table for table in RAW_TABLES}
    for suite in suites_of("staging"):
        if not isinstance(suite.slice, Whole):
            assert isinstance(suite.slice, TouchedBy), suite.full_name
            assert suite.slice.raw_column in tables[suite.slice.table].columns, suite.full_name


@pytest.mark.parametrize("suite", suites_of("raw"), ids=lambda suite: suite.table)
def test_every_raw_rule_can_be_evaluated_on_an_empty_table_and_on_a_blank_row(suite: Suite, run: Run) -> None:
    with duckdb.connect() as connection:
        raw.prepare(connection, RAW_TABLES)
        assert {rule.status for rule in validate(connection, suite, run).results} == {"passed"}
        connection.execute(f'insert into raw."{suite.table}" (_batch_id, _known_at, _row_hash) values (1, now(), 1)')
        result = validate(connection, suite, run)
    assert {rule.status for rule in result.results} <= {"passed", "violated"}
    assert next(rule for rule in result.results if rule.name == "key_is_complete").status == "violated"


def test_rules_are_explained() -> None:
    assert [rule.name for suite in SUITES for rule in suite.rules if not rule.why] == []


def test_a_table_without_a_suite_is_named_with_the_file_to_add() -> None:
    with pytest.raises(SuiteError, match=r"marts\.nothing has no suite: add suites/marts/nothing\.py"):
        suite_of("marts", "nothing")
