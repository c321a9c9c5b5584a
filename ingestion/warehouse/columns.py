"""What is known of a column: its type, its unit, what its values can be, and what it means.

Belongs here: the words in which a raw table is declared. The raw tables, the rules of the gates and the data dictionary
are made from them, so each fact is written once. Columns of dbt's tables are described in the dbt project.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

ADDRESS = r"^0x[0-9a-f]{40}$"
TRANSACTION = r"^0x[0-9a-f]{64}$"
# 78 digits hold 2^256 - 1.
UINT256 = r"^(?:0|[1-9][0-9]{0,77})$"


@dataclass(frozen=True)
class Column:
    """One column. Numbers have a `unit`, other types none; `low` and `high` are closed bounds, `above` an open one."""

    type: str
    meaning: str = ""
    unit: str | None = None
    required: bool = False
    low: float | None = None
    above: float | None = None
    high: float | None = None
    values: tuple[str | int, ...] = ()
    pattern: str | None = None

    @property
    def limits(self) -> str:
        """What its values can be, in words; empty when they can be anything of the type."""
        bounds = {
            "above": self.above,
            "at least": self.low,
            "at most": self.high,
        }
        said = [f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None]
        if self.values:
            said.append("one of " + ", ".join(str(value) or "the empty text" for value in self.values))
        if self.pattern:
            said.append(f"of the form {self.pattern}")
        return ", ".join(said)

    def is_held_by(self, other: Column | None) -> bool:
        """Whether whatever `other` can hold is allowed here, too; the unit and the meaning are no values."""
        if other is None:
            return False
        here = replace(self, meaning="", unit=None, required=self.required or other.required)
        return here == replace(other, meaning="", unit=None)


def text(meaning: str, *values: str, required: bool = False, pattern: str | None = None) -> Column:
    """A text, of a closed vocabulary where `values` are given."""
    return Column("varchar", meaning, required=required, values=values, pattern=pattern)


def day(meaning: str, *, required: bool = False) -> Column:
    """A calendar day."""
    return Column("date", meaning, required=required)


def moment(meaning: str) -> Column:
    """An instant, UTC."""
    return Column("timestamptz", meaning)


def number(
    unit: str,
    meaning: str,
    *,
    required: bool = False,
    low: float | None = None,
    above: float | None = None,
    high: float | None = None,
) -> Column:
    """A floating-point number."""
    return Column("double", meaning, unit, required=required, low=low, above=above, high=high)


def count(
    unit: str,
    meaning: str,
    *,
    kind: str = "bigint",
    required: bool = False,
    low: float | None = None,
    above: float | None = None,
) -> Column:
    """A whole number."""
    return Column(kind, meaning, unit, required=required, low=low, above=above)


RATIO_KIND = text(
    "Four different questions, never blended.", "global_account", "top_account", "top_position", "taker_volume"
)
FUNDING_RATE = number(
    "fraction of the position",
    "What longs pay to shorts; capped at a few per cent a settlement.",
    required=True,
    low=-0.05,
    high=0.05,
)
