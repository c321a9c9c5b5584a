"""The `rotation` command. Belongs here: reading arguments and telling the user; the work is done in ingestion."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Annotated

import duckdb
import typer
from rich.console import Console
from rich.table import Table

from ingestion.collect import collect, replay
from ingestion.errors import RotationError
from ingestion.exchange import COMPLETE
from ingestion.http import HttpClient
from ingestion.night import Night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.yahoo import dataset as yahoo

DATASETS = (yahoo.CHART,)

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__.splitlines()[0])
console = Console()


@app.command()
def refresh(
    date: Annotated[
        str | None, typer.Option(help="Last day the night may know, YYYY-MM-DD; default: the newest closed")
    ] = None,
) -> None:
    """Collect one night from the live providers into ROTATION_HOME; units that are complete are not asked again."""
    night = Night.parse(date) if date else Night.latest(datetime.now(UTC))
    if night.as_of > datetime.now(UTC):
        raise RotationError(f"the night of {night.day} has not closed: choose a day before {night.day}")
    client = HttpClient(ProviderUrls().yahoo_url, yahoo.LIMITS)
    with console.status(f"Yahoo: {len(yahoo.SYMBOLS)} symbols"):
        collected = collect(Home(), yahoo.CHART, night, client.send)
    outcomes = ", ".join(f"{count} {outcome.value}" for outcome, count in sorted(collected.outcomes.items())) or "none"
    console.print(
        f"{night.day} yahoo/{collected.dataset}: {collected.skipped} complete before, asked now: {outcomes}; "
        f"{collected.rows_added} rows added"
    )
    if failed := sum(count for outcome, count in collected.outcomes.items() if outcome not in COMPLETE):
        raise RotationError(
            f"{failed} requests failed: 'rotation status' says which; run the night again to retry them"
        )


@app.command("replay")
def replay_landing() -> None:
    """Rebuild the raw tables from landing."""
    home = Home()
    home.prepare()
    console.print(f"{replay(home, DATASETS)} batches replayed into {home.warehouse}")


@app.command()
def status() -> None:
    """Show the last outcome of every request of the newest night."""
    home = Home()
    if not home.warehouse.exists():
        raise RotationError(f"there is no warehouse in {home.home}: run 'rotation refresh' first, or set ROTATION_HOME")
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute("""
            select night::varchar, source || '/' || dataset, unit, outcome, coalesce(error, '')
            from meta.request_outcomes
            where night = (select max(night) from meta.request_outcomes)
            qualify row_number() over (partition by source, dataset, unit order by batch_id desc) = 1
            order by all""").fetchall()
    table = Table("night", "dataset", "unit", "outcome", "error")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def main() -> None:
    """Run the command; an error the user can act on is one line and exit status 1."""
    try:
        app(standalone_mode=True)
    except (RotationError, duckdb.IOException) as error:
        Console(stderr=True).print(f"rotation: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
