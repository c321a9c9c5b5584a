"""`rotation quarantine`: see what the gates set aside, and decide about it. The work is done elsewhere."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import duckdb
import typer
from rich.table import Table
from rich.text import Text

from ingestion.settings import Home
from orchestration.options import HomeOption, console, existing_home

app = typer.Typer(no_args_is_help=True, help="Rows that a gate set aside: list, release, drop.")

Rows = Annotated[list[str], typer.Argument(help="Row ids as 'list' shows them")]
Why = Annotated[str, typer.Option("--why", help="The reason, for whoever asks later")]
_SHOWN = 60


@app.command("list")
def list_rows(
    home: HomeOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Rows that were decided about, too")] = False,
) -> None:
    """Show the rows that wait for a decision."""
    from orchestration.validation import quarantine  # noqa: PLC0415 - imports cost a second

    with duckdb.connect(str(existing_home(home).warehouse), read_only=True) as connection:
        rows = quarantine.listed(connection)
    shown = [row for row in rows if everything or row.decision == "waiting"]
    if not shown:
        console.print("nothing in quarantine waits for a decision")
        return
    table = Table("row", "table", "rule", "why", "batch", "since (UTC)", "decision", "content")
    for row in shown[:_SHOWN]:
        decided = row.decision if row.decision == "waiting" else f"{row.decision} by {row.trail}"
        cells = (row.row_id, row.table_name, row.rules, row.reasons, str(row.batch_id))
        content = Text(row.row_json, overflow="ellipsis", no_wrap=True)
        table.add_row(*map(Text, cells), f"{row.quarantined_at:%Y-%m-%d %H:%M}", Text(decided), content)
    console.print(table)
    if len(shown) > _SHOWN:
        console.print(f"and {len(shown) - _SHOWN} more")


@app.command()
def release(rows: Rows, why: Why, home: HomeOption = None) -> None:
    """Let rows flow after all, from the next run on."""
    _decide("released", rows, why, existing_home(home))


@app.command()
def drop(rows: Rows, why: Why, home: HomeOption = None) -> None:
    """Keep rows out for good; they stay in quarantine, with the reason."""
    _decide("dropped", rows, why, existing_home(home))


def _decide(choice: str, rows: list[str], why: str, place: Home) -> None:
    from ingestion.warehouse.lock import writer_lock  # noqa: PLC0415
    from orchestration.market import LIVE, Kind, market_of  # noqa: PLC0415
    from orchestration.nights import newest_vintage  # noqa: PLC0415
    from orchestration.validation import quarantine  # noqa: PLC0415

    now = datetime.now(UTC)
    # A sandbox lives at its own nights: a decision there comes right after the newest of them.
    live = (market_of(place) or LIVE).kind is Kind.LIVE
    with writer_lock(place.home, "deciding about quarantined rows"):
        newest = newest_vintage(place).as_of
        # Never before what is known already, whatever the clock says: an older version would win.
        known_at = max(now, newest) if live else newest + timedelta(seconds=1)
        decided = quarantine.decide(
            place,
            "released" if choice == "released" else "dropped",
            rows,
            why=why,
            by=getpass.getuser(),
            now=now,
            known_at=known_at,
        )
    for decision in decided:
        console.print(f"{decision.table_name}: {choice} by {decision.decided_by}", markup=False)
    if choice == "released":
        console.print("the next run uses what was released")
