"""How a page for readers is made: read from a database, rendered with every text escaped, replaced whole.

Belongs here: what all pages share. What a page says belongs to its own module.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
from jinja2 import Environment, PackageLoader, select_autoescape

from ingestion.errors import RotationError

Content = Callable[[duckdb.DuckDBPyConnection], Mapping[str, Any]]
Filters = Mapping[str, Callable[..., str]]


def write_page(published: Path, page: Path, template: str, content: Content, filters: Filters | None = None) -> Path:
    """Render a template with what `content` reads from `published/rotation.duckdb`; returns the page.

    Raises `RotationError` when nothing was published.
    """
    database = published / "rotation.duckdb"
    if not database.exists():
        raise RotationError(f"nothing is published in {published}: run the night first")
    # A fresh connection that attaches the file: an older handle in this process would still see the replaced one.
    with duckdb.connect() as connection:
        quoted = str(database).replace("'", "''")
        connection.execute(f"set TimeZone = 'UTC'; attach '{quoted}' as published (read_only)")
        connection.execute("use published")
        return render(page, template, content(connection), filters)


def render(page: Path, template: str, content: Mapping[str, Any], filters: Filters | None = None) -> Path:
    """Write a page as a whole, with every text escaped."""
    environment = Environment(
        loader=PackageLoader("orchestration.reporting"), autoescape=select_autoescape(default=True), trim_blocks=True
    )
    environment.filters |= filters or {}
    html = environment.get_template(template).render(content)
    page.parent.mkdir(parents=True, exist_ok=True)
    unfinished = page.with_suffix(".writing")
    unfinished.write_text(html, encoding="utf-8")
    os.replace(unfinished, page)
    return page


def records(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """The rows of a query by column name."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
