"""One entry of the catalogue: good data, what was done to it, and the rule that must notice.

Belongs here: the shape of an entry and the few ways to write one. Which there are belongs to `by_hand` and `generic`.
"""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.validation.rules import Expectation, Suite

# A Saturday before the night, a Tuesday and a moment after it, the newest day of a table.
SATURDAY, LATER, NEXT_WEEK = "date '2026-01-10'", "{night} + 4", "timestamptz '2026-01-20 00:00:00+00'"
NEWEST = "date = (select max(date) from {table})"


@dataclass(frozen=True)
class Spoil:
    """A way to spoil a table: in words, and as SQL over `{table}`, `{key}` and `{night}`.

    `also` names the rules that must notice too, and `because` says why they cannot be kept out of it.
    """

    words: str
    edits: tuple[str, ...]
    also: tuple[str, ...] = ()
    because: str = ""
    many: bool = False
    """More rows than the suite tolerates: what would be set aside is critical then, and stays."""


Ways = tuple[Spoil, ...]


@dataclass(frozen=True)
class Corruption:
    """One entry: this rule of this table must be tripped by the first of `ways` that trips it alone."""

    suite: Suite
    rule: Expectation
    ways: Ways

    @property
    def name(self) -> str:
        return f"{self.suite.full_name}.{self.rule.name}"


def one(
    words: str,
    sets: str,
    where: str = "true",
    *,
    first: str | None = None,
    also: tuple[str, ...] = (),
    because: str = "",
) -> Spoil:
    """Change one row, the first of those that `where` finds; false comes before true in `first`."""
    row = f"select rowid from {{table}} where {where} order by {f'{first}, ' if first else ''}{{key}} limit 1"
    return Spoil(words, (f"update {{table}} set {sets} where rowid = ({row})",), also, because)


def each(words: str, sets: str, where: str = "true", *, many: bool = False) -> Spoil:
    """Change all rows that `where` finds."""
    return Spoil(words, (f"update {{table}} set {sets} where {where}",), many=many)


def gone(words: str, where: str) -> Spoil:
    """Remove the rows that `where` finds."""
    return Spoil(words, (f"delete from {{table}} where {where}",))


def copied(
    words: str, replaced: str = "", where: str = "true", *, also: tuple[str, ...] = (), because: str = ""
) -> Spoil:
    """Add a row once more, with other values in some columns."""
    columns = f"* replace ({replaced})" if replaced else "*"
    row = f"select {columns} from {{table}} where {where} order by {{key}} limit 1"
    return Spoil(words, (f"insert into {{table}} {row}",), also, because)
