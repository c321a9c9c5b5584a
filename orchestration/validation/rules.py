"""What a suite is made of, as plain data: expectations, the slice of a table they look at, and their results.

Belongs here: declarations and the words of a verdict. Great Expectations is not imported: reading the suites costs
nothing, and only a gate that has rows to judge pays for the import. How rules are evaluated belongs to `runner`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from ingestion.errors import RotationError

Severity = Literal["critical", "warning", "info"]
Status = Literal["passed", "violated", "error"]

# A night of one provider can be a handful of rows, where one bad row is already a large share.
FEW_ROWS = 3
MAX_SHARE = 0.05
# How many reasons one line holds: a missing table alone breaks a dozen rules.
_TOLD = 3
_BOUND = "ExpectColumnValuesToBeBetween"


class SuiteError(RotationError):
    """A suite is written wrongly: its declaration must be corrected."""


@dataclass(frozen=True)
class NewBatches:
    """Raw: the rows of batches that this table's gate has not let through yet."""


@dataclass(frozen=True)
class TouchedBy:
    """Staging: the rows whose `column` has a value that a new batch of `raw.<table>` brought in `raw_column`.

    Exact without looking at the rest, because a staging row is one key of raw and `column` is part of that key.
    """

    table: str
    column: str
    raw_column: str


@dataclass(frozen=True)
class ChangedDays:
    """Daily facts: the days whose content differs from what the gate last let through, found by one hash per day.

    Restated days are found wherever the change came from. `ignoring` names columns that every run stamps anew.
    """

    column: str
    ignoring: tuple[str, ...] = ()


@dataclass(frozen=True)
class Whole:
    """Small tables: everything, every night."""


Slice = NewBatches | TouchedBy | ChangedDays | Whole


@dataclass(frozen=True)
class Expectation:
    """One rule. It judges the rows of the slice (`kind` on `column`), or one number computed in DuckDB (`measure`).

    `measure` is a scalar query over `{slice}`; `rows_where` finds the rows behind it. A violated rule with `quarantine`
    sends its rows to quarantine and counts as a warning, unless they are more than `FEW_ROWS` and `max_share`.
    """

    name: str
    kind: str
    column: str | None
    why: str
    severity: Severity = "critical"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    measure: str | None = None
    rows_where: str | None = None
    quarantine: bool = False
    max_share: float = MAX_SHARE

    @property
    def counts_rows(self) -> bool:
        """Whether its number is the count of the rows behind it."""
        return self.rows_where is not None and self.measure == _count(self.rows_where)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the slice that Great Expectations must see."""
        if self.measure is not None:
            return ()
        named = (self.column, *(self.arguments.get(name) for name in ("column_A", "column_B")))
        return tuple(name for name in named if name is not None)


def expect(
    kind: str,
    column: str | None = None,
    *,
    why: str,
    name: str | None = None,
    severity: Severity = "critical",
    quarantine: bool = False,
    max_share: float = MAX_SHARE,
    **arguments: Any,
) -> Expectation:
    """An expectation of Great Expectations by class name, on the rows of the slice."""
    found = name or _name_of(kind, column)
    return Expectation(found, kind, column, why, severity, arguments, quarantine=quarantine, max_share=max_share)


def positive(column: str, *, why: str, max_value: float | None = None, **options: Any) -> Expectation:
    """Values above zero; nulls are a matter of `filled`."""
    return expect(_BOUND, column, why=why, min_value=0, strict_min=True, max_value=max_value, **options)


def between(column: str, low: float | None, high: float | None, *, why: str, **options: Any) -> Expectation:
    """Values inside closed bounds; nulls are a matter of `filled`."""
    return expect(_BOUND, column, why=why, min_value=low, max_value=high, **options)


def filled(column: str, *, why: str, **options: Any) -> Expectation:
    """No nulls."""
    return expect("ExpectColumnValuesToNotBeNull", column, why=why, **options)


def one_of(column: str, *values: object, why: str, **options: Any) -> Expectation:
    """Values of a closed vocabulary."""
    return expect("ExpectColumnValuesToBeInSet", column, why=why, value_set=list(values), **options)


def matches(column: str, regex: str, *, why: str, **options: Any) -> Expectation:
    """Texts of one form."""
    return expect("ExpectColumnValuesToMatchRegex", column, why=why, regex=regex, **options)


def never(
    name: str,
    predicate: str,
    *,
    why: str,
    severity: Severity = "critical",
    quarantine: bool = False,
    max_share: float = MAX_SHARE,
) -> Expectation:
    """No row of the slice fulfils a SQL predicate: for rules across columns, or on types that pandas bends."""
    bounds = {"min_value": 0, "max_value": 0}
    return Expectation(name, _BOUND, None, why, severity, bounds, _count(predicate), predicate, quarantine, max_share)


def measured(
    name: str,
    measure: str,
    low: float | None,
    high: float | None,
    *,
    why: str,
    severity: Severity = "warning",
) -> Expectation:
    """One number about a table lies inside bounds. The query may use `{slice}`, `{table}` and `{night}`; a null has
    nothing to judge and passes."""
    return Expectation(name, _BOUND, None, why, severity, {"min_value": low, "max_value": high}, measure)


def _count(predicate: str) -> str:
    return f"select count(*) from {{slice}} where {predicate}"  # noqa: S608 - suites are code, not input


def _name_of(kind: str, column: str | None) -> str:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()
    rule = snake.removeprefix("expect_").removeprefix("column_").removeprefix("values_").removeprefix("to_")
    return f"{column}_to_{rule}" if column else rule


@dataclass(frozen=True)
class Suite:
    """The rules of one table. Every suite also demands a key that is complete and unique, and finite numbers."""

    schema: str
    table: str
    key: tuple[str, ...]
    slice: Slice
    expectations: tuple[Expectation, ...] = ()
    has_numbers: bool = True
    """Whether a NaN or an infinity could be here that no rule of its column refuses."""

    def __post_init__(self) -> None:
        names = [rule.name for rule in self.rules]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise SuiteError(f"the suite of {self.full_name} names two rules alike: {', '.join(twice)}")
        if self.schema != "raw" and any(rule.quarantine for rule in self.rules):
            raise SuiteError(f"the suite of {self.full_name} quarantines rows: only raw tables have a quarantine")
        if isinstance(self.slice, ChangedDays | TouchedBy) and self.slice.column not in self.key:
            raise SuiteError(f"the slice of {self.full_name} is cut by {self.slice.column}, which is not in its key")

    @property
    def full_name(self) -> str:
        return f"{self.schema}.{self.table}"

    @property
    def rules(self) -> tuple[Expectation, ...]:
        """All rules in the order of their results: those that every table has where they can break, then its own."""
        raw = self.schema == "raw"
        grain = ", ".join((*self.key, "_batch_id") if raw else self.key)
        twice = f"select count(*) from (select 1 from {{slice}} group by {grain} having count(*) > 1)"  # noqa: S608
        unique = f"({grain}) in (select ({grain}) from {{slice}} group by {grain} having count(*) > 1)"  # noqa: S608
        none = {"min_value": 0, "max_value": 0}
        complete = never(
            "key_is_complete",
            " or ".join(f'"{column}" is null' for column in self.key),
            why=f"a row is found by {', '.join(self.key)}",
            quarantine=raw,
        )
        # A staging row without the value that its slice is cut by is in no slice.
        is_cut_away = isinstance(self.slice, TouchedBy) and self.key == (self.slice.column,)
        finite = never("numbers_are_finite", "{not_finite}", why="NaN and infinity are no values", quarantine=raw)
        return (
            *(() if is_cut_away else (complete,)),
            Expectation("key_is_unique", _BOUND, None, f"one row per {grain}", "critical", none, twice, unique),
            *((finite,) if self.has_numbers else ()),
            *self.expectations,
        )


@dataclass(frozen=True)
class Run:
    """Which run judges: its id, its night, and the moment written beside its results."""

    run_id: str
    night: date
    checked_at: datetime


@dataclass(frozen=True)
class ExpectationResult:
    """What became of one rule. `severity` is what counts: a quarantined violation is a warning."""

    schema: str
    table: str
    name: str
    column: str | None
    severity: Severity
    status: Status
    observed: str | None
    unexpected_count: int | None
    evaluated_rows: int
    sample_keys: tuple[Mapping[str, object], ...]
    message: str
    quarantined: int = 0

    @property
    def blocks(self) -> bool:
        """Whether what is downstream must not run: a critical rule failed, or nobody knows whether it did."""
        return self.severity == "critical" and self.status != "passed"


@dataclass(frozen=True)
class SuiteResult:
    """What became of one table."""

    schema: str
    table: str
    evaluated_rows: int
    results: tuple[ExpectationResult, ...]
    content_hash: str | None
    seconds: float

    @property
    def blocked(self) -> bool:
        return any(result.blocks for result in self.results)

    @property
    def quarantined(self) -> int:
        return sum(result.quarantined for result in self.results)


def blocked(results: list[SuiteResult]) -> bool:
    """Whether any table stops what is downstream."""
    return any(result.blocked for result in results)


def verdict(results: list[SuiteResult]) -> str:
    """One line for a person: what passed, what was refused, what could not be judged."""
    rules = [rule for result in results for rule in result.results]
    passed = sum(rule.status == "passed" for rule in rules)
    text = f"{passed} of {len(rules)} rules passed on {len(results)} tables"
    stops = [f"{rule.schema}.{rule.table}.{rule.name}: {rule.message}" for rule in rules if rule.blocks]
    warned = sum(rule.status != "passed" and not rule.blocks for rule in rules)
    if warned:
        text += f", {warned} warnings"
    if stops:
        more = f"; and {len(stops) - _TOLD} more" if len(stops) > _TOLD else ""
        text += f"; blocked by {'; '.join(stops[:_TOLD])}{more}"
    return text
