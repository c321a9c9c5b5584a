"""Numbers and tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

_SMALL_P = 1e-3


def number(value: Any) -> str:
    """Three significant digits, whole numbers whole; a dash for none."""
    if value is None or pd.isna(value):
        return "–"
    if float(value).is_integer() or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}".replace("-", "−")


def probability(p: Any) -> str:
    """Below one in a thousand its size says nothing more."""
    return "< 0.001" if p is not None and not pd.isna(p) and p < _SMALL_P else number(p)


def interval(low: Any, high: Any) -> str:
    return "–" if low is None or pd.isna(low) else f"{number(low)} to {number(high)}"


def words(name: str) -> str:
    """A metric or verdict as words."""
    return name.replace(":", ", ").replace("_", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell would end it."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)
