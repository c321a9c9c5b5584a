"""`rotation rebuild` and `rotation claims`: the past built again, and two vintages of the claims beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ingestion.errors import SettingsError
from orchestration.options import HomeOption, console, existing_home

if TYPE_CHECKING:
    from orchestration.vintages import Difference

AsOf = Annotated[
    str, typer.Option("--as-of", envvar="ROTATION_AS_OF", help="A moment in UTC, for example 2026-01-17T10:30Z")
]
Output = Annotated[Path | None, typer.Option(help="Where to put the DuckDB file; default: a folder inside the home")]
Compare = Annotated[
    tuple[str, str], typer.Option(help="Two of: 'published', a publication's number, a published DuckDB file")
]


def rebuild(as_of: AsOf, output: Output = None, home: HomeOption = None) -> None:
    """Build the marts as they were known at a past moment, into a file of their own."""
    from orchestration.rebuild import rebuild as build  # noqa: PLC0415 - imports cost seconds

    place = existing_home(home)
    built = build(place, moment(as_of), output, console.print)
    console.print(f"{built.database}: {built.publication.rows:,} rows as of {built.vintage.as_of_text}", markup=False)
    if (place.published / "rotation.duckdb").exists():
        show_differences(built.database, place.published / "rotation.duckdb", "then", "published")


def claims(compare: Compare, home: HomeOption = None) -> None:
    """Show which verdicts and values two vintages tell differently."""
    from orchestration.options import home_of  # noqa: PLC0415
    from orchestration.vintages import file_of  # noqa: PLC0415

    place = home_of(home)
    first, second = compare
    show_differences(file_of(place, first), file_of(place, second), first, second)


def show_differences(one: Path, other: Path, first: str, second: str) -> None:
    """A line for each claim and measure that differs, and what was restated between the two."""
    from orchestration.vintages import compare_claims, restated_between  # noqa: PLC0415

    differences = compare_claims(one, other)
    if not differences:
        console.print(f"claims: no verdict or value differs between {first} and {second}", markup=False)
    else:
        console.print(_differences(differences, first, second))
    restated = restated_between(one, other)
    if restated:
        table = Table(
            "dataset", "reason", "values", "largest", "change", title="Restated between them (meta.revisions)"
        )
        for found in restated:
            change = "" if found.share is None else f"{found.share:+.2%}"
            table.add_row(found.dataset, found.reason, f"{found.values:,}", Text(found.largest), change)
        console.print(table)


def _differences(differences: Sequence[Difference], first: str, second: str) -> Table:
    table = Table("claim", "measure", first, second, f"value {first}", f"value {second}", title="Claims that differ")
    for found in differences:
        values = ["" if value is None else f"{value:.6g}" for value in found.values]
        table.add_row(found.claim_id, found.metric, *(verdict or "" for verdict in found.verdicts), *values)
    return table


def moment(text: str) -> datetime:
    """A moment in UTC; raises `SettingsError` saying how to write one."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"'{text}' is not a moment: write it as 2026-01-17T10:30Z") from error
    if found.tzinfo is None:
        raise SettingsError(f"'{text}' has no time zone: write it as {text}Z for UTC")
    return found.astimezone(UTC)
