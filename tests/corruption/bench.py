"""One entry at a time: the good tables in memory, one of them spoiled, judged by the real gate, put back.

Belongs here: running an entry and saying what of it is not as it must be.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

from ingestion.warehouse import raw
from orchestration.validation import ledger
from orchestration.validation.rules import ExpectationResult, Run, Suite, SuiteResult, TouchedBy
from orchestration.validation.runner import validate
from tests.corruption.catalogue import suites
from tests.corruption.entry import Corruption, Spoil
from tests.corruption.good import MADE_GOOD, NIGHT, newest

_RUN = Run("corruption", NIGHT.day, NIGHT.as_of)
_DELIVERY = 1_000_000  # the batch in which a provider sends what good data do not hold


@dataclass(frozen=True)
class Caught:
    """What the gate said of an entry."""

    corruption: Corruption
    spoil: Spoil
    result: SuiteResult
    spoiled_keys: frozenset[tuple[str, ...]]
    quarantined: tuple[tuple[str, str, int], ...]
    passed: bool
    """Whether publication would take the content (marts)."""

    @cached_property
    def violated(self) -> dict[str, ExpectationResult]:
        return {rule.name: rule for rule in self.result.results if rule.status != "passed"}

    @property
    def named(self) -> ExpectationResult | None:
        """The result of the rule the entry is about."""
        return self.violated.get(self.corruption.rule.name)


class Bench:
    """The good tables; `good` is what they are put back from."""

    def __init__(self, warehouse: Path, chosen: Sequence[Suite] | None = None) -> None:
        """Copy the tables of the chosen suites, by default all of them."""
        chosen = suites() if chosen is None else chosen
        self._connection = duckdb.connect()
        self._connection.execute("set TimeZone = 'UTC'; set threads = 1; attach ':memory:' as good")
        self._connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        self.columns: dict[str, dict[str, str]] = {}
        for schema in ("raw", "staging", "intermediate", "marts", "quarantine", "meta"):
            self._connection.execute(f"create schema {schema}; create schema if not exists good.{schema}")
        self._connection.execute("use warehouse")
        for suite in chosen:
            self._connection.execute(f"create table good.{suite.full_name} as {newest(suite)}")
        self._connection.execute("use memory; detach warehouse")
        for suite in chosen:
            made = MADE_GOOD.get(suite.full_name, "")
            self._connection.execute(made.replace("{good}", f"good.{suite.full_name}"))
            self._put_back(suite.full_name)
            self.columns[suite.full_name] = ledger.columns_of(self._connection, suite.schema, suite.table)

    def close(self) -> None:
        self._connection.close()

    def has_rows(self, suite: Suite) -> bool:
        """Whether there is anything to spoil."""
        return bool(self._connection.execute(f"select 1 from {suite.full_name} limit 1").fetchall())

    def baseline(self, suite: Suite) -> SuiteResult:
        """What the gate says of the good table."""
        try:
            return validate(self._connection, suite, _RUN)
        finally:
            self._forget(suite)

    def run(self, corruption: Corruption) -> Caught:
        """What the first way that comes out right does; where none does, the first."""
        tried = []
        for spoil in corruption.ways:
            tried.append(self._run(corruption, spoil))
            if problem(tried[-1]) is None:
                return tried[-1]
        return tried[0]

    def _run(self, corruption: Corruption, spoil: Spoil) -> Caught:
        """Spoil, judge, put back."""
        suite = corruption.suite
        try:
            for edit in spoil.edits:
                self._connection.execute(self._sql(edit, suite))
            if isinstance(suite.slice, TouchedBy):
                self._deliver(suite, suite.slice)
            spoiled = self._spoiled_keys(suite)
            result = validate(self._connection, suite, _RUN)
            return Caught(
                corruption, spoil, result, spoiled, self._quarantined(suite), self._would_be_published(result)
            )
        finally:
            self._forget(suite)
            self._put_back(suite.full_name)

    @staticmethod
    def _sql(edit: str, suite: Suite) -> str:
        places = {
            "{table}": suite.full_name,
            "{key}": ", ".join(f'"{name}"' for name in suite.key),
            "{night}": f"date '{NIGHT.day}'",
        }
        for place, text in places.items():
            edit = edit.replace(place, text)
        return edit

    def _deliver(self, suite: Suite, cut: TouchedBy) -> None:
        """Staging shows what raw delivered: a value that raw does not hold came in a batch of its own."""
        self._connection.execute(f"""
            insert into raw."{cut.table}" ("{cut.raw_column}", _batch_id)
            select distinct "{cut.column}", {_DELIVERY} from {suite.full_name}
            where "{cut.column}" not in (select "{cut.raw_column}" from raw."{cut.table}")""")

    def _spoiled_keys(self, suite: Suite) -> frozenset[tuple[str, ...]]:
        keys = ", ".join(f'"{name}"::varchar' for name in suite.key)
        rows = self._connection.execute(
            f"select distinct {keys} from (from {suite.full_name} except all from good.{suite.full_name})"
        ).fetchall()
        return frozenset(rows)

    def _quarantined(self, suite: Suite) -> tuple[tuple[str, str, int], ...]:
        if suite.schema != "raw":
            return ()
        raw.prepare_quarantine(self._connection, suite.table)
        found = self._connection.execute(f'select rule, reason, _batch_id from quarantine."{suite.table}"')
        return tuple(found.fetchall())

    def _would_be_published(self, result: SuiteResult) -> bool:
        return result.content_hash is None or ledger.passed(
            self._connection, result.schema, result.table, result.content_hash
        )

    def _forget(self, suite: Suite) -> None:
        ledger.prepare(self._connection)
        self._connection.execute(f"""
            delete from meta.validation_results; delete from meta.validated_batches; delete from meta.validated_days;
            drop table if exists quarantine."{suite.table}" """)
        if isinstance(suite.slice, TouchedBy):
            self._connection.execute(f'delete from raw."{suite.slice.table}" where _batch_id = {_DELIVERY}')

    def _put_back(self, table: str) -> None:
        self._connection.execute(f"create or replace table {table} as from good.{table}")


def problem(caught: Caught) -> str | None:
    """What is not as it must be first of all; None when the entry came out right."""
    return next(_problems(caught), None)


def _problems(caught: Caught) -> Iterator[str]:
    rule, expected = caught.corruption.rule, {caught.corruption.rule.name, *caught.spoil.also}
    if not caught.spoiled_keys and not any("delete" in edit for edit in caught.spoil.edits):
        yield "nothing was spoiled"
    if set(caught.violated) != expected:
        yield f"{sorted(caught.violated)} were violated and not {sorted(expected)}"
        return
    named = caught.violated[rule.name]
    if named.status != "violated":
        yield f"it could not be evaluated: {named.message}"
    is_set_aside = rule.quarantine and not caught.spoil.many
    if named.severity != ("warning" if is_set_aside else rule.severity):
        yield f"it counts as {named.severity}"
    if caught.result.blocked != any(found.severity == "critical" for found in caught.violated.values()):
        yield "blocked and severity disagree"
    if caught.result.schema == "marts" and caught.passed == caught.result.blocked:
        yield "publication does not follow the verdict"
    told = {(name, why) for name, why, batch in caught.quarantined if batch is not None}
    if is_set_aside and (rule.name, rule.why) not in told:
        yield "its row is not in quarantine with rule, reason and batch"
    if not is_set_aside and caught.quarantined:
        yield "rows were set aside though the slice is refused"
    keys = {tuple(key.values()) for key in named.sample_keys}
    if (rule.measure is None or rule.rows_where is not None) and not keys & caught.spoiled_keys:
        yield f"the spoiled keys {sorted(map(str, caught.spoiled_keys))[:3]} are not shown: {list(keys)[:3]}"
    if not keys and named.observed is None:
        yield "neither keys nor a measure are shown"
