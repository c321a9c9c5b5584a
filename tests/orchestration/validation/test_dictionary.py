"""One dictionary: nothing is described that is not there, nothing is there that is not described, nothing twice."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from ingestion.catalogue import RAW_TABLES
from ingestion.warehouse import raw
from ingestion.warehouse.columns import Column, count, number, text
from orchestration.publishing import meta
from orchestration.reporting.dictionary import PAGE, page
from orchestration.validation import dictionary
from orchestration.validation.dictionary import PROJECT, Table, column_rules, tables, vocabulary
from orchestration.validation.ledger import columns_of
from orchestration.validation.rules import Expectation, Run, SuiteError, Whole
from orchestration.validation.runner import validate
from orchestration.validation.suites import LAYERS, suites_of

NUMBERS = ("double", "bigint", "integer", "double[]", "integer[]")
DBT = [table for table in tables().values() if table.schema != "raw"]
ALL = pytest.mark.parametrize("table", [*tables().values(), *meta.TABLES], ids=lambda table: table.full_name)


@cache
def yaml_columns() -> dict[str, list[Mapping[str, Any]]]:
    contents = [
        yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader) for path in (PROJECT / "models").rglob("*.yml")
    ]
    return {
        described["name"]: described["columns"]
        for content in contents
        for described in (*content.get("models", ()), *content.get("seeds", ()))
    }


@ALL
def test_every_column_has_a_meaning_and_every_number_and_only_a_number_a_unit(table: Table) -> None:
    assert table.meaning
    assert table.source
    assert table.key or table.schema in {"seeds", "meta"}
    assert set(table.key) <= set(table.columns)
    for name, column in table.columns.items():
        assert column.meaning, name
        assert bool(column.unit) == (column.type in NUMBERS), name
        assert not (column.limits and column.values and column.pattern), name
        if column.low is not None and column.high is not None:
            assert column.low < column.high, name
        assert column.above is None or column.low is None, f"{name} has two lower bounds"


def test_the_ddl_of_raw_is_the_dictionary() -> None:
    with duckdb.connect() as connection:
        raw.prepare(connection, RAW_TABLES)
        for table in RAW_TABLES:
            found = columns_of(connection, "raw", table.name)
            described = {name: column.type for name, column in tables()["raw", table.name].columns.items()}
            assert [*described, "_batch_id", raw.KNOWN_AT, "_row_hash"] == list(found)
            assert [as_duckdb(kind) for kind in described.values()] == list(found.values())[:-3]


def as_duckdb(kind: str) -> str:
    return str(duckdb.sql(f"select null::{kind} as x").types[0])


def test_the_yaml_and_the_columns_file_name_the_same_columns() -> None:
    assert set(vocabulary()) == {column["name"] for columns in yaml_columns().values() for column in columns}


def test_every_raw_table_is_a_source_of_dbt() -> None:
    sources = yaml.safe_load((PROJECT / "models" / "staging" / "_sources.yml").read_text(encoding="utf-8"))["sources"]
    for source in sources:
        assert {table["name"] for table in source["tables"]} == {table.name for table in RAW_TABLES}


def test_a_contract_promises_the_types_of_the_dictionary() -> None:
    for table in DBT:
        for column in yaml_columns()[table.name]:
            if table.schema == "marts":
                assert column["data_type"].lower() == table.columns[column["name"]].type, (
                    f"{table.name}.{column['name']}"
                )
            else:
                assert "data_type" not in column, f"{table.name}.{column['name']}: columns.yml has its type"


def test_a_seed_is_loaded_with_the_types_of_the_dictionary() -> None:
    content = yaml.safe_load((PROJECT / "models" / "reference.yml").read_text(encoding="utf-8"))
    for seed in content["seeds"]:
        described = {name: column.type for name, column in tables()["seeds", seed["name"]].columns.items()}
        assert seed["config"]["column_types"] == described, seed["name"]


def test_a_model_says_nothing_that_its_gate_says() -> None:
    models = [content for table, content in yaml_columns().items() if ("seeds", table) not in tables()]
    assert [column["name"] for columns in models for column in columns if "data_tests" in column] == []


def test_the_newest_versions_of_a_raw_table_are_those_of_its_key() -> None:
    call = re.compile(r"latest_versions\('(\w+)', \[([^\]]*)\]\)")
    keys = {table.name: table.key for table in RAW_TABLES}
    found = [
        (path.stem, *match.groups())
        for path in (PROJECT / "models" / "staging").rglob("*.sql")
        for match in call.finditer(path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 20
    for model, table, key in found:
        assert set(re.findall(r"\w+", key)) == set(keys[table]), model


def test_every_column_that_is_limited_is_judged_so_at_its_gate_or_at_that_of_the_mart_it_is_passed_on_to() -> None:
    suites = {(suite.schema, suite.table): suite for layer in LAYERS for suite in suites_of(layer)}
    passed_on: dict[str, set[str]] = {}
    for table in tables().values():
        if table.schema == "marts":
            for source in table.source.split(", "):
                passed_on.setdefault(source, set()).update(rule.name for rule in suites["marts", table.name].rules)
    for key, suite in suites.items():
        judged = {rule.name for rule in suite.rules} | (
            passed_on.get(suite.table, set()) if key[0] != "marts" else set()
        )
        described = {rule.name for name, column in tables()[key].columns.items() for rule in column_rules(name, column)}
        assert described - judged == set(), key


def test_the_page_for_analysts_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m orchestration.reporting.dictionary"


COLUMN = {
    "never empty": (text("x", required=True), "a", None),
    "a vocabulary": (text("x", "in", "out"), "in", "sideways"),
    "a form": (text("x", pattern="^0x[0-9a-f]{4}$"), "0xbeef", "0xBEEF"),
    "closed bounds": (number("share", "x", low=0, high=1), 1.0, 1.01),
    "an open bound": (number("USD", "x", above=0), 0.01, 0.0),
    "both kinds of bounds": (Column("double", "x", "USD", above=0, high=9), 9.0, 9.1),
    "a least count": (count("rows", "x", low=3), 3, 2),
    "whole numbers of a vocabulary": (Column("integer", "x", "sessions", values=(21, 63)), 63, 22),
}


@pytest.mark.parametrize(("column", "good", "bad"), COLUMN.values(), ids=COLUMN)
def test_a_column_is_judged_by_what_is_said_of_it(column: Column, good: object, bad: object, run: Run) -> None:
    (rule,) = column_rules("x", column)
    assert status_of(rule, column, good, run) == ("passed", "")
    status, message = status_of(rule, column, bad, run)
    assert status == "violated"
    assert message.startswith("1 of 1 rows: x is ")


def status_of(rule: Expectation, column: Column, value: object, run: Run) -> tuple[str, str]:
    with duckdb.connect() as connection:
        connection.execute(f"create schema marts; create table marts.t (id integer, x {column.type})")
        connection.execute("insert into marts.t values (1, ?)", [value])
        suite = dictionary.Suite("marts", "t", ("id",), Whole(), (rule,))
        result = validate(connection, suite, run).results[-1]
    return result.status, result.message


@pytest.mark.parametrize(
    ("yaml_text", "columns_text", "told"),
    [
        ("columns: [{name: y, description: d}]", "- {type: date, names: [x]}", r"m\.yml describes m\.y: add the name"),
        ("columns: [{name: x, description: d}]", "- {type: date, names: [x, x]}", "describes 'x' twice"),
        ("columns: [{name: x, description: d}]", "- {kind: date, names: [x]}", "says kind of x"),
        (
            "config: {meta: {grain: [z]}}\n    columns: [{name: x, description: d}]",
            "- {type: date, names: [x]}",
            "names columns that m does not have: z",
        ),
    ],
)
def test_a_contradiction_is_told_with_its_place(
    yaml_text: str, columns_text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "models" / "marts"
    folder.mkdir(parents=True)
    (folder / "m.yml").write_text(f"models:\n  - name: m\n    description: d\n    {yaml_text}\n")
    (tmp_path / "columns.yml").write_text(columns_text)
    monkeypatch.setattr(dictionary, "PROJECT", tmp_path)
    vocabulary.cache_clear()
    try:
        with pytest.raises(SuiteError, match=told):
            list(dictionary._dbt_tables())
    finally:
        vocabulary.cache_clear()
