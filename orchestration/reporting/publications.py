"""The page of the last publications: what each changed, table by table. Its figures are `meta.publication_changes`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.reporting.pages import records, write_page

SHOWN = 30
_PUBLICATIONS = f"""
    select publication_id, run_id, night, as_of, published_at, tables, row_count, rolled_back_to
    from meta.publications order by publication_id desc limit {SHOWN}"""  # noqa: S608 - a number of ours
_CHANGES = f"""
    select * from meta.publication_changes
    where status <> 'unchanged' and publication_id > (select max(publication_id) from meta.publications) - {SHOWN}
    order by publication_id, table_name"""  # noqa: S608 - a number of ours


def write_publications(published: Path, page: Path, market: str) -> Path:
    """Write the page from the published file; raises `RotationError` when nothing was published."""

    def content(connection: duckdb.DuckDBPyConnection) -> Mapping[str, Any]:
        changes: dict[int, list[dict[str, Any]]] = {}
        for change in records(connection, _CHANGES):
            changes.setdefault(change["publication_id"], []).append(change)
        return {"market": market, "publications": records(connection, _PUBLICATIONS), "changes": changes}

    return write_page(published, page, "publications.html", content)
