"""`docs/data_dictionary.md`: every table and column for those who query them.

Written anew by `python -m orchestration.reporting.dictionary`. Belongs here: the page. What it says is read from the
data dictionary, which the raw tables and dbt's YAML fill.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestration.publishing import meta
from orchestration.validation.dictionary import Table, tables
from orchestration.validation.suites import LAYERS

PAGE = Path(__file__).parents[2] / "docs" / "data_dictionary.md"
_SHOWN = {
    "marts": "Published: the answers. Readers find them in `published/rotation.duckdb`, schema `marts`.",
    "meta": "Published beside the marts: how they came about, schema `meta`.",
    "intermediate": "In the warehouse only: one thought each, between what was delivered and what is published.",
    "staging": "In the warehouse only: what each provider said last, typed, in UTC and under our names.",
    "raw": "In the warehouse only: every version of what each provider said. Each row also has `_batch_id` (bigint, "
    "its load), `_known_at` (timestamptz, when it was fetched) and `_row_hash` (ubigint, of its content).",
    "seeds": "Lists of the project: what providers call things, and which thresholds hold.",
}
_HEAD = """\
# Data dictionary

Generated from the declarations of the raw tables (`ingestion/sources/*/models.py`), from dbt's YAML with
`dbt_project/columns.yml`, and from `orchestration/publishing/meta.py`; do not edit it, run
`python -m orchestration.reporting.dictionary`. The gates judge every table but those of `meta` by the same
declarations: what a column can be is a rule that is checked every night.

Columns in **bold** are the grain: together they name one row, and none of them is ever empty. `required` columns are
never empty either; all others may be, and empty means unknown, not zero. Shares go from 0 to 1, percent from 0 to 100.
"""


def page() -> str:
    """The page as text, the same for the same declarations."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _HEAD
    described = (*tables().values(), *meta.TABLES)
    layers = {layer: [table for table in described if table.schema == layer] for layer in _SHOWN}
    for layer, found in layers.items():
        links = ", ".join(f"[{table.name}](#{table.name})" for table in found)
        yield f"- **{layer}** ({len(found)}): {links}"
    for layer, found in layers.items():
        yield f"\n## {layer.capitalize()}\n\n{_SHOWN[layer]}"
        for table in found:
            yield from _table(table)
    yield ""


def _table(table: Table) -> Iterator[str]:
    yield f"\n### {table.name}\n"
    yield f"{table.meaning.strip()}\n"
    grain = ", ".join(f"`{name}`" for name in table.key)
    yield (f"One row for each {grain}. " if grain else "") + f"From {table.source}.\n"
    yield "| column | type | unit | can be | meaning |"
    yield "|---|---|---|---|---|"
    for name, column in table.columns.items():
        shown = f"**{name}**" if name in table.key else name
        limits = ", ".join(filter(None, ["required"] * column.required + [column.limits]))
        cells = (shown, column.type, column.unit or "", limits, column.meaning.strip())
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.name}: {len(tables())} tables of {len(LAYERS)} layers and the seeds, {len(meta.TABLES)} of meta")


if __name__ == "__main__":
    main()
