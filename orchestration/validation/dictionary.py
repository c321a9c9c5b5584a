"""The data dictionary: what is known of every column, gathered from the two places where it is written.

Raw tables are declared in ingestion (`RawTable`), dbt's tables in the YAML beside their SQL with `columns.yml` for what
a name means everywhere. Belongs here: reading both, and the rules that a gate makes of them. The page for analysts is
made in `reporting`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.catalogue import entry, every_dataset
from ingestion.warehouse.columns import Column
from ingestion.warehouse.raw import RawTable
from orchestration.validation.rules import MAX_SHARE, Expectation, NewBatches, Slice, Suite, SuiteError, expect

PROJECT = Path(__file__).parents[2] / "dbt_project"
# A hundred files: ten times faster in C, where PyYAML was built with it.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BETWEEN = "ExpectColumnValuesToBeBetween"
# A mart that dbt is never to build anew: what it once took, it keeps.
_KEEPS_HISTORY = re.compile(r"\bfull_refresh\s*=\s*false\b", re.IGNORECASE)
# What a model reads: ref('x'), source('raw', 'x'), or the newest or all versions of a raw table.
_READS = r"""(?:ref\(|source\(['"]raw['"],\s*|(?:latest|known)_versions\()['"](\w+)['"]"""
_FACTS = {field.name for field in fields(Column)} - {"meaning"}


@dataclass(frozen=True)
class Table:
    """One table: where it is, what one row is, its columns in order, and where its content comes from."""

    schema: str
    name: str
    meaning: str
    source: str
    key: tuple[str, ...]
    columns: Mapping[str, Column]

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.name}"


@cache
def tables() -> Mapping[tuple[str, str], Table]:
    """Every table of the warehouse that the project fills, by schema and name."""
    return {(table.schema, table.name): table for table in (*_raw_tables(), *_dbt_tables())}


@cache
def vocabulary() -> Mapping[str, Column]:
    """What a column name says in every dbt table."""
    found: dict[str, Column] = {}
    for group in _read(PROJECT / "columns.yml"):
        names = group.pop("names")
        for name in names:
            if name in found:
                raise SuiteError(f"columns.yml describes '{name}' twice")
            found[name] = _column(name, group)
    return found


def raw_suite(table: RawTable, *rules: Expectation, max_share: float = MAX_SHARE) -> Suite:
    """The suite of a raw table: what its columns are declared to be, and then its own rules, on its new batches.

    Bad rows are set aside where they are not more than `max_share`.
    """
    derived = (replace(rule, quarantine=True) for rule in _rules(table.described))
    found = (replace(rule, max_share=max_share) for rule in (*derived, *rules))
    return Suite("raw", table.name, table.key, NewBatches(), tuple(found), _has_numbers(table.described))


def suite(schema: str, name: str, cut: Slice, rules: Iterable[Expectation] = ()) -> Suite:
    """The suite of a dbt table: what the dictionary says of its key and columns, and then its own rules."""
    table = tables().get((schema, name))
    if table is None:
        raise SuiteError(f"the dictionary has no table {schema}.{name}: describe it in the YAML beside its SQL")
    return Suite(schema, name, table.key, cut, (*_rules(table.columns), *rules), _has_numbers(table.columns))


def _has_numbers(columns: Mapping[str, Column]) -> bool:
    """Whether any column could hold a NaN, which counts as empty, or an infinity, which no two bounds let through."""
    return any(
        column.type == "double" and not (column.required and column.low is not None and column.high is not None)
        for column in columns.values()
    )


def passed_on(name: str, cut: Slice, *, to: str) -> Suite:
    """The suite of an intermediate table that a mart passes on: what the mart's gate judges is not judged here, too.

    What is left is what its columns can be and the mart's cannot tell, beside its key and its numbers. A mart that
    keeps history is refused: a bad row would be in it before its gate sees it, and block every night from then on.
    """
    table, mart = tables()["intermediate", name], tables()["marts", to]
    if name not in mart.source.split(", "):
        raise SuiteError(f"marts.{to} does not read {name}: it passes nothing of it on")
    if keeps_history(to):
        raise SuiteError(f"marts.{to} keeps history: judge {name} by all of its rules, with suite()")
    left = {column: said for column, said in table.columns.items() if not said.is_held_by(mart.columns.get(column))}
    floats = any(column.type == "double" for column in table.columns.values())
    return Suite("intermediate", name, table.key, cut, tuple(_rules(left)), floats)


@cache
def keeps_history(mart: str) -> bool:
    """Whether a mart holds rows of earlier nights that no later night makes anew."""
    models = sorted((PROJECT / "models" / "marts").rglob(f"{mart}.sql"))
    return any(_KEEPS_HISTORY.search(model.read_text(encoding="utf-8")) for model in models)


def _rules(columns: Mapping[str, Column]) -> Iterator[Expectation]:
    for name, column in columns.items():
        yield from column_rules(name, column)


def column_rules(name: str, column: Column) -> Iterator[Expectation]:
    """What a gate asks of one column."""
    about = f"({column.meaning.rstrip('.')})"
    if column.required:
        yield expect("ExpectColumnValuesToNotBeNull", name, why=f"{name} is never empty {about}")
    why = f"{name} is {column.limits} {about}"
    low = column.low if column.above is None else column.above
    if low is not None or column.high is not None:
        strict = column.above is not None
        yield expect(_BETWEEN, name, why=why, min_value=low, max_value=column.high, strict_min=strict)
    if column.values:
        yield expect("ExpectColumnValuesToBeInSet", name, why=why, value_set=list(column.values))
    if column.pattern:
        yield expect("ExpectColumnValuesToMatchRegex", name, why=why, regex=column.pattern)


def _raw_tables() -> Iterator[Table]:
    for dataset in every_dataset():
        about = entry(dataset.source, dataset.name)
        for parsed in dataset.tables:
            table = parsed.table
            source = f"{about.provider}, {about.dataset} (licence: {about.licence})"
            yield Table("raw", table.name, about.expected_coverage, source, table.key, table.described)


def _dbt_tables() -> Iterator[Table]:
    for path in sorted((PROJECT / "models").rglob("*.yml")):
        content = _read(path)
        for kind in ("models", "seeds"):
            for described in content.get(kind, ()):
                yield _dbt_table(path, described, "seeds" if kind == "seeds" else path.relative_to(PROJECT).parts[1])


def _dbt_table(path: Path, described: Mapping[str, Any], schema: str) -> Table:
    name = described["name"]
    grain, required = _grain_and_required(described)
    columns = {}
    for column in described["columns"]:
        of_name = vocabulary().get(column["name"])
        if of_name is None:
            raise SuiteError(f"{path.name} describes {name}.{column['name']}: add the name to dbt_project/columns.yml")
        own = {**_known(of_name), **column.get("config", {}).get("meta", {})}
        own |= {"meaning": column["description"], "required": column["name"] in required}
        columns[column["name"]] = _column(f"{name}.{column['name']}", own)
    if unknown := {*required, *grain} - set(columns):
        raise SuiteError(f"{path.name} names columns that {name} does not have: {', '.join(sorted(unknown))}")
    return Table(schema, name, described["description"], _built_from(path.parent, name), grain, columns)


def _grain_and_required(described: Mapping[str, Any]) -> tuple[tuple[str, ...], set[str]]:
    """Of a model its meta says both; a seed has no gate, so its dbt tests are what says them."""
    meta = described.get("config", {}).get("meta", {})
    tested = {column["name"]: column.get("data_tests", ()) for column in described["columns"]}
    whole = [test["unique_grain"]["arguments"]["columns"] for test in described.get("data_tests", ())]
    unique = [name for name, tests in tested.items() if "unique" in tests]
    filled = {name for name, tests in tested.items() if "not_null" in tests}
    return tuple(meta.get("grain") or sum(whole, unique)), set(meta.get("required", ())) | (filled - set(unique))


def _built_from(folder: Path, name: str) -> str:
    """The tables that a model reads, by the names in its SQL or Python; a seed is a file."""
    for suffix in (".sql", ".py"):
        if (model := folder / f"{name}{suffix}").exists():
            found = re.findall(_READS, model.read_text(encoding="utf-8"))
            return ", ".join(dict.fromkeys(found)) or "the calendar"
    return f"{name}.csv"


def _known(column: Column) -> dict[str, Any]:
    return {name: getattr(column, name) for name in _FACTS}


def _column(name: str, said: Mapping[str, Any]) -> Column:
    if unknown := set(said) - _FACTS - {"meaning"}:
        raise SuiteError(f"the dictionary says {', '.join(sorted(unknown))} of {name}: it knows {sorted(_FACTS)}")
    return Column(**{**said, "values": tuple(said.get("values", ()))})


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - both are safe
