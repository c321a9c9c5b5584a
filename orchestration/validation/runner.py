"""A gate: one suite on the new slice of its table, one result per rule, bad raw rows set aside, all of it recorded.

Great Expectations judges two dataframes per table. The first holds the rows of the slice, with the judged columns only
and no keys: a first night's 3 million five-minute rows take 4 s and 0.8 GB that way on two busy cores (7 s where a view
must be computed first), and making the text keys alone would double both. The second has one row of numbers computed in
DuckDB (duplicate keys, rows that break a rule across columns, days since the newest row), because pandas needs
gigabytes for what DuckDB counts in a blink. Row keys are looked up afterwards, for refused rows only. A slice without
rows has nothing to refuse and passes.

A rule that is broken is `violated`; one that could not be evaluated (a missing column, a missing table) is `error`.
Either blocks when the rule is critical. Results, quarantine and the memory of what was let through are one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from ingestion.warehouse import raw
from ingestion.warehouse.transactions import transaction
from orchestration.validation import ledger, slices
from orchestration.validation.expectations import Judgement, judge, judge_measures
from orchestration.validation.rules import (
    FEW_ROWS,
    Expectation,
    ExpectationResult,
    Run,
    Status,
    Suite,
    SuiteResult,
)

MAX_SAMPLES = 20
_FLOATS = ("DOUBLE", "FLOAT")


@dataclass(frozen=True)
class _Gate:
    """One table under judgement."""

    connection: duckdb.DuckDBPyConnection
    suite: Suite
    run: Run
    columns: dict[str, str]
    rows: int

    def sql(self, text: str) -> str:
        """A rule's SQL with its places filled in. Replaced by hand, because a regular expression may hold braces."""
        floats = [name for name, kind in self.columns.items() if kind in _FLOATS]
        places = {
            "{slice}": slices.SLICE,
            "{table}": f'"{self.suite.schema}"."{self.suite.table}"',
            "{night}": f"date '{self.run.night.isoformat()}'",
            "{not_finite}": " or ".join(f'not isfinite("{name}")' for name in floats) or "false",
        }
        for place, value in places.items():
            text = text.replace(place, value)
        return text


def validate_layer(warehouse: Path, suites: Iterable[Suite], run: Run) -> list[SuiteResult]:
    """Validate tables of the warehouse file, one after the other; opens and closes its own connection."""
    with duckdb.connect(str(warehouse)) as connection:
        return [validate(connection, suite, run) for suite in suites]


def validate(connection: duckdb.DuckDBPyConnection, suite: Suite, run: Run) -> SuiteResult:
    """Judge the new slice of one table, set bad raw rows aside, record the results.

    A slice that is blocked is not remembered as let through: the next run judges it again.
    """
    started = time.monotonic()
    connection.execute("set TimeZone = 'UTC'")
    ledger.prepare(connection)
    results, refused, content = _judge_table(connection, suite, run)
    result = SuiteResult(
        suite.schema,
        suite.table,
        max((rule.evaluated_rows for rule in results), default=0),
        results,
        content,
        round(time.monotonic() - started, 3),
    )
    with transaction(connection):
        for rule, positions in refused:
            _set_aside(connection, suite, run, rule, positions)
        if not result.blocked:
            slices.remember(connection, suite)
        ledger.record(connection, run, result)
    return result


def _judge_table(
    connection: duckdb.DuckDBPyConnection, suite: Suite, run: Run
) -> tuple[tuple[ExpectationResult, ...], list[tuple[Expectation, Sequence[int]]], str | None]:
    """The results of all rules, the positions to quarantine by rule, and the content hash (marts only)."""
    try:
        columns = ledger.columns_of(connection, suite.schema, suite.table)
        if not columns:
            raise duckdb.CatalogException(f"there is no table {suite.full_name}")
        rows = slices.cut(connection, suite, list(columns))
        content = ledger.content_hash(connection, suite.schema, suite.table) if suite.schema == "marts" else None
    except duckdb.Error as error:
        message = f"could not be evaluated: {_one_line(error)}"
        return tuple(_result(suite, rule, "error", rows=0, message=message) for rule in suite.rules), [], None
    gate = _Gate(connection, suite, run, columns, rows)
    judged = _judge_rows(gate) | _judge_measures(gate)
    refused: list[tuple[Expectation, Sequence[int]]] = []
    results = []
    for rule in suite.rules:
        result, positions = _conclude(gate, rule, judged[rule.name])
        results.append(result)
        if result.quarantined:
            refused.append((rule, positions))
    return tuple(results), refused, content


def _judge_rows(gate: _Gate) -> dict[str, Judgement]:
    rules = [rule for rule in gate.suite.rules if rule.measure is None]
    wanted = {column for rule in rules for column in rule.columns}
    if missing := wanted - set(gate.columns):
        absent = [rule for rule in rules if missing.intersection(rule.columns)]
        unjudged = {rule.name: _unjudged(f"there is no column {', '.join(sorted(missing))}") for rule in absent}
        rules = [rule for rule in rules if rule not in absent]
    else:
        unjudged = {}
    if not gate.rows:
        return unjudged | {rule.name: Judgement(True, None, None, 0, ()) for rule in rules}
    # One column more than the rules name: a frame must not be empty of columns for rules on the table alone.
    columns = ", ".join(["_position", *(f'"{name}"' for name in gate.columns if name in wanted)])
    frame = gate.connection.sql(f"select {columns} from {slices.SLICE}").df()  # noqa: S608
    frame.index = pd.Index(frame.pop("_position").to_numpy())  # unnamed: a named one comes back as dictionaries
    return unjudged | judge(frame, rules)


def _judge_measures(gate: _Gate) -> dict[str, Judgement]:
    rules = [rule for rule in gate.suite.rules if rule.measure is not None]
    numbers: dict[str, float | None] = {**_count_rows(gate, [rule for rule in rules if rule.counts_rows])}
    unjudged: dict[str, Judgement] = {}
    for rule in rules:
        if rule.name in numbers:
            continue
        try:
            found = gate.connection.sql(gate.sql(rule.measure or "")).fetchall()
        except duckdb.Error as error:
            unjudged[rule.name] = _unjudged(_one_line(error))
        else:
            if not found:
                unjudged[rule.name] = _unjudged("its query gives no row")
            else:
                numbers[rule.name] = None if found[0][0] is None else float(found[0][0])
    counted = [rule for rule in rules if rule.name in numbers]
    if not gate.rows:  # the query ran, and no row broke the rule because there is none
        unjudged |= {rule.name: Judgement(True, None, 0.0, None, ()) for rule in counted if rule.rows_where is not None}
        counted = [rule for rule in counted if rule.rows_where is None]
    return unjudged | judge_measures(numbers, counted)


def _count_rows(gate: _Gate, rules: Sequence[Expectation]) -> dict[str, float]:
    """How many rows break each rule, in one pass over the slice; empty where one of the rules cannot be evaluated, for
    each to be asked alone."""
    if not rules:
        return {}
    counts = ", ".join(f"count(*) filter (where {gate.sql(rule.rows_where or '')})" for rule in rules)
    try:
        (found,) = gate.connection.sql(f"select {counts} from {slices.SLICE}").fetchall()  # noqa: S608 - suites are code
    except duckdb.Error:
        return {}
    return {rule.name: float(count) for rule, count in zip(rules, found, strict=True)}


def _conclude(gate: _Gate, rule: Expectation, judged: Judgement) -> tuple[ExpectationResult, Sequence[int]]:
    """The result of one rule, and the positions of the rows behind it when they go to quarantine."""
    if judged.error is not None:
        return _result(gate.suite, rule, "error", rows=gate.rows, message=f"could not be evaluated: {judged.error}"), ()
    if judged.success:
        return _result(gate.suite, rule, "passed", rows=gate.rows, observed=_observed(rule, judged.observed)), ()
    positions = judged.positions
    if rule.rows_where is not None:
        refused = gate.sql(f"select _position from {slices.SLICE} where {rule.rows_where} order by 1")  # noqa: S608
        positions = tuple(row[0] for row in gate.connection.sql(refused).fetchall())
    count = judged.unexpected_count if judged.unexpected_count is not None else len(positions) or None
    few = len(positions) <= max(FEW_ROWS, rule.max_share * gate.rows)
    aside = rule.quarantine and few and bool(positions)
    told = f"{count} of {gate.rows} rows" if count else f"found {_shown(judged.observed)}"
    message = f"{told}: {rule.why}"
    if rule.quarantine:
        message += "; set aside in quarantine" if aside else f"; more than {rule.max_share:.0%} are no accident"
    result = ExpectationResult(
        gate.suite.schema,
        gate.suite.table,
        rule.name,
        rule.column,
        "warning" if aside else rule.severity,
        "violated",
        _shown(judged.observed),
        count,
        gate.rows,
        _sample_keys(gate, positions[:MAX_SAMPLES]),
        message,
        len(positions) if aside else 0,
    )
    return result, positions


def _sample_keys(gate: _Gate, positions: Sequence[int]) -> tuple[dict[str, object], ...]:
    present = [name for name in gate.suite.key if name in gate.columns]
    if not positions or not present:
        return ()
    keys = ", ".join(f'"{name}"::varchar' for name in present)
    found = gate.connection.execute(
        f"select {keys} from {slices.SLICE} where _position in (select unnest(?)) order by _position",  # noqa: S608
        [list(positions)],
    ).fetchall()
    return tuple(dict(zip(present, row, strict=True)) for row in found)


def _set_aside(
    connection: duckdb.DuckDBPyConnection, suite: Suite, run: Run, rule: Expectation, positions: Sequence[int]
) -> None:
    connection.execute("create schema if not exists quarantine")
    raw.prepare_quarantine(connection, suite.table)
    connection.execute(
        f"""
        insert into quarantine."{suite.table}" by name
        select refused._batch_id, refused._row_hash, ? as rule, ? as reason, to_json(refused)::varchar as row_json,
            ? as quarantined_at
        from raw."{suite.table}" as refused
        where refused.rowid in (select unnest(?)) and not exists (
            select 1 from quarantine."{suite.table}" as known
            where known._batch_id = refused._batch_id and known._row_hash = refused._row_hash and known.rule = ?)""",  # noqa: S608
        [rule.name, rule.why, run.checked_at, list(positions), rule.name],
    )


def _result(
    suite: Suite, rule: Expectation, status: Status, *, rows: int, message: str = "", observed: str | None = None
) -> ExpectationResult:
    unexpected = 0 if status == "passed" else None
    return ExpectationResult(
        *(suite.schema, suite.table, rule.name, rule.column, rule.severity, status),
        *(observed, unexpected, rows, (), message),
    )


def _unjudged(error: str) -> Judgement:
    return Judgement(False, error, None, None, ())


def _observed(rule: Expectation, observed: object) -> str | None:
    return _shown(observed) if rule.rows_where is None and observed not in (None, []) else None


def _shown(observed: object) -> str | None:
    if isinstance(observed, float):
        return f"{observed:g}"
    if isinstance(observed, list | tuple):
        return ", ".join(str(value) for value in observed[:5])
    return None if observed is None else str(observed)


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
