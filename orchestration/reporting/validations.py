"""The page of the last nights: what every gate said of every table. Its figures are `meta.validation_results`.

Read from the warehouse and not from what is published: a night that was blocked published nothing, and is the one that
people look for. Bounded in size however much was refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.reporting.pages import records, render
from orchestration.validation.suites import LAYERS

PAGE, DATA_DOCS = "validations.html", "data_docs/index.html"
NIGHTS = 30
# What is told of one night, and of one rule: more is in the table that the page names.
FINDINGS, KEYS, LETTERS = 40, 3, 300


def newest_results(nights: int) -> str:
    """A query for what the newest nights said; a night that ran again is what its newest run said of each table."""
    return f"""
        select * from meta.validation_results
        where night in (select distinct night from meta.validation_results order by night desc limit {nights})
        qualify checked_at = max(checked_at) over (partition by night, schema_name, table_name)"""  # noqa: S608 - a number


_NEWEST = newest_results(NIGHTS)
_CELLS = f"""
    select night, schema_name, table_name, count(*) as rules, max(evaluated_rows) as evaluated_rows,
        count(*) filter (where severity = 'critical' and status <> 'passed') as blocking,
        count(*) filter (where severity <> 'critical' and status <> 'passed') as warning,
        count(*) filter (where status = 'error') as unevaluated
    from ({_NEWEST}) group by all order by all"""  # noqa: S608 - our own text
# What could not be evaluated fails in every rule of a table alike: that is told once. What was broken comes first.
_FINDINGS = f"""
    with told as (
        select night, schema_name, table_name, expectation, severity, status, message,
            sample_keys::varchar as sample_keys, count(*) over alike as rules
        from ({_NEWEST}) where status <> 'passed'
        window alike as (
            partition by night, schema_name, table_name, if(status = 'error', message, expectation))
        qualify row_number() over (
            partition by night, schema_name, table_name, if(status = 'error', message, expectation)
            order by severity <> 'critical', expectation) = 1)
    select * from told
    qualify row_number() over (partition by night order by severity <> 'critical', status desc, schema_name, table_name,
        expectation) <= {FINDINGS}
    order by night desc, severity <> 'critical', status desc, schema_name, table_name, expectation"""  # noqa: S608


@dataclass
class Cell:
    """One table or layer in one night: its rules, and how many of them were broken or could not be evaluated."""

    rules: int = 0
    tables: int = 0
    evaluated_rows: int = 0
    blocking: int = 0
    warning: int = 0
    unevaluated: int = 0
    told: list[str] = field(default_factory=list)

    def add(self, found: Mapping[str, Any]) -> None:
        """Count one table."""
        self.tables += 1
        for name in ("rules", "evaluated_rows", "blocking", "warning", "unevaluated"):
            setattr(self, name, getattr(self, name) + found[name])

    @property
    def colour(self) -> str:
        """green, amber or red; grey where the night never came to judge it."""
        if not self.rules:
            return "grey"
        return "red" if self.blocking else "amber" if self.warning else "green"

    @property
    def label(self) -> str:
        """How many rules were not kept; ! where one could not be evaluated. Readable without its colour."""
        broken = self.blocking + self.warning
        return f"{broken}{'!' if self.unevaluated else ''}" if broken else "" if self.rules else "·"

    @property
    def title(self) -> str:
        """What a pointer that rests on it is told."""
        if not self.rules:
            return "not judged that night"
        rows = f"{self.rules:,} rules, {self.evaluated_rows:,} new rows"
        return "\n".join([rows, *self.told[:5], *([f"and {len(self.told) - 5} more"] if len(self.told) > 5 else [])])  # noqa: PLR2004


Row = tuple[str, list[Cell]]


def write_validations(connection: duckdb.DuckDBPyConnection, page: Path, market: str) -> Path:
    """Write the page from an open warehouse; before the first night it says what to do."""
    cells, findings = records(connection, _CELLS), records(connection, _FINDINGS)
    nights = sorted({cell["night"] for cell in cells})
    tables, layers, whole = _by_night(cells, nights)
    for finding in findings:
        finding["keys"] = first_keys(finding["sample_keys"])
        finding["message"] = cut(finding["message"])
        told = f"{finding['expectation']}: {finding['keys'][0] if finding['keys'] else finding['status']}"
        tables[finding["schema_name"], finding["table_name"]][nights.index(finding["night"])].told.append(told)
        where = f"{finding['table_name']}.{finding['expectation']}"
        layers[finding["schema_name"]][nights.index(finding["night"])].told.append(where)
    judged = [layer for layer in LAYERS if layer in layers]
    return render(
        page,
        PAGE,
        {
            "market": market,
            "nights": nights,
            "layers": [(layer, layers[layer]) for layer in judged],
            "troubled": [(layer, rows) for layer in judged if (rows := _rows(tables, layer, troubled=True))],
            "quiet": [(layer, rows) for layer in judged if (rows := _rows(tables, layer, troubled=False))],
            "details": [
                (night, whole[night], [each for each in findings if each["night"] == night])
                for night in reversed(nights)
            ],
            "most": NIGHTS,
            "data_docs": DATA_DOCS if (page.parent / DATA_DOCS).exists() else None,
        },
    )


def _by_night(
    cells: Iterable[Mapping[str, Any]], nights: list[date]
) -> tuple[dict[tuple[str, str], list[Cell]], dict[str, list[Cell]], dict[date, Cell]]:
    """One cell a night of every table, of every layer, and of all together."""
    tables: dict[tuple[str, str], list[Cell]] = {}
    layers: dict[str, list[Cell]] = {}
    whole = {night: Cell() for night in nights}
    for found in cells:
        place, layer = nights.index(found["night"]), found["schema_name"]
        for counted in (
            tables.setdefault((layer, found["table_name"]), [Cell() for _ in nights])[place],
            layers.setdefault(layer, [Cell() for _ in nights])[place],
            whole[found["night"]],
        ):
            counted.add(found)
    return tables, layers, whole


def _rows(tables: Mapping[tuple[str, str], list[Cell]], layer: str, *, troubled: bool) -> list[Row]:
    """The tables of a layer in which some night was not green, or those in which all were."""
    return [
        (name, cells)
        for (schema, name), cells in sorted(tables.items())
        if schema == layer and any(cell.blocking or cell.warning for cell in cells) == troubled
    ]


def first_keys(stored: str) -> list[str]:
    """The first offending keys as a reader wants them."""
    return [cut(", ".join(f"{name} {value}" for name, value in key.items())) for key in json.loads(stored)[:KEYS]]


def cut(text: str) -> str:
    """A provider's text can be of any length."""
    return text if len(text) <= LETTERS else f"{text[:LETTERS]} …"
