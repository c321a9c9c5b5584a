"""How a rule on one column is tripped: read from the rule itself, whatever its table.

Belongs here: what a rule's own arguments say, and how a column is spoiled without troubling the rules that compare it
with others. What needs a thought about the table is written in `by_rule`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from orchestration.validation.rules import Expectation, Suite, TouchedBy
from tests.corruption.entry import Spoil, Ways, copied, one

_WHOLE_NUMBERS = ("BIGINT", "INTEGER", "SMALLINT", "UBIGINT", "HUGEINT")
_FLOATS = ("DOUBLE", "FLOAT")
_BOUND, _FILLED = "ExpectColumnValuesToBeBetween", "ExpectColumnValuesToNotBeNull"
# The commonest rule across columns: a null needs its reason.
_REASONED = re.compile(r"(\w+) is null and coalesce\((\w+), ''\) = ''")
Columns = Mapping[str, str]


def of_key(suite: Suite, rule: Expectation, columns: Columns) -> Ways | None:
    """The three rules that every table has."""
    if rule.name == "key_is_complete":
        cut = suite.slice.column if isinstance(suite.slice, TouchedBy) else None
        # A row whose time is gone is one row of a day of its own: other columns of the key first.
        named = sorted((name for name in suite.key if name != cut), key=lambda name: columns[name] != "VARCHAR")
        ways = [one(f"{name} left out", f'"{name}" = null') for name in named]
        return tuple(ways) or None
    if rule.name == "key_is_unique":
        return (copied("a row twice"),)
    if rule.name == "numbers_are_finite":
        return tuple(_not_finite(suite, columns)) or None
    return None


def of_column(suite: Suite, rule: Expectation, columns: Columns) -> Iterator[Ways]:
    """Every entry of a rule of one column: one a bound. Each has two ways, the second for a row of its own."""
    if found := _REASONED.fullmatch(rule.rows_where or ""):
        yield (one(f"{found[1]} left out without a reason", f'"{found[1]}" = null, "{found[2]}" = null'),)
    if rule.column is None:
        return
    column, kind = rule.column, columns[rule.column]
    match rule.kind:
        case "ExpectColumnValuesToNotBeNull":
            yield _ways(suite, column, "left out", "null", columns)
        case "ExpectColumnValuesToBeInSet":
            other = "999" if kind in _WHOLE_NUMBERS else "'something else'"
            yield _ways(suite, column, "is something else", other, columns)
        case "ExpectColumnValuesToMatchRegex":
            yield _ways(suite, column, "has a blank behind it", f"\"{column}\" || ' '", columns)
        case "ExpectColumnValuesToBeBetween":
            for value in _beyond(rule, kind):
                yield _ways(suite, column, f"is {value}", value, columns)


def _beyond(rule: Expectation, kind: str) -> Iterator[str]:
    """A value right below the lower bound and one right above the upper one."""
    sides = (("min_value", "strict_min", -1), ("max_value", "strict_max", 1))
    for name, strict, away in sides:
        bound = rule.arguments.get(name)
        if bound is not None:
            step = 1 if kind in _WHOLE_NUMBERS else 0.01 * max(1.0, abs(bound))
            yield f"{bound if rule.arguments.get(strict) else bound + away * step:g}"


def _not_finite(suite: Suite, columns: Columns) -> Iterator[Spoil]:
    """NaN where nothing else forbids it; infinity where a column must be filled, because to pandas NaN is null."""
    floats = [name for name, kind in columns.items() if kind in _FLOATS]
    required = _required(suite)
    capped = {
        rule.column for rule in suite.rules if rule.kind == _BOUND and rule.arguments.get("max_value") is not None
    }
    quiet = sorted(floats, key=lambda name: bool(_compared_with(suite, name, columns)))
    yield from (one(f"{name} is no number", f"\"{name}\" = 'nan'") for name in quiet if name not in required)
    yield from (one(f"{name} is infinite", f"\"{name}\" = 'inf'") for name in quiet if name not in capped)


def _ways(suite: Suite, column: str, words: str, value: str, columns: Columns) -> Ways:
    """The column alone, in a row that has it; then in a row where what it is compared with is unknown."""
    having = f'"{column}" is null'
    plain = one(f"{column} {words}", f'"{column}" = {value}', first=having)
    unknown = _compared_with(suite, column, columns) - _required(suite) - set(suite.key)
    if not unknown:
        return (plain,)
    sets = {column: value} | dict.fromkeys(sorted(unknown), "null") | _reasons(suite, unknown | {column})
    every = ", ".join(f'"{name}" = {given}' for name, given in sets.items())
    told = f"{column} {words}, {', '.join(sorted(unknown))} unknown"
    return plain, one(told, every, first=having)


def _compared_with(suite: Suite, column: str, columns: Columns) -> set[str]:
    """The other columns of the rules that mention a column; a null that needs its reason is no comparison."""
    found: set[str] = set()
    for rule in suite.expectations:
        text = rule.rows_where or ""
        if re.search(rf"\b{column}\b", text) and not _REASONED.fullmatch(text):
            found |= {name for name in columns if name[0] != "_" and re.search(rf"\b{name}\b", text)}
    return found - {column}


def _reasons(suite: Suite, nulls: set[str]) -> dict[str, str]:
    said = (_REASONED.fullmatch(rule.rows_where or "") for rule in suite.expectations)
    return {found[2]: "'spoiled'" for found in said if found and found[1] in nulls and found[2] not in nulls}


def _required(suite: Suite) -> set[str]:
    return {rule.column for rule in suite.rules if rule.kind == _FILLED and rule.column}
