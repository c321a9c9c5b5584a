"""The `rotation` command. Belongs here: reading arguments and telling the user; the work is done elsewhere."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
import typer
from dotenv import load_dotenv
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from ingestion.errors import RotationError, SettingsError
from ingestion.night import Night
from ingestion.settings import Home, read_settings
from orchestration import quarantine_command, vintage_commands
from orchestration.options import HomeOption, console
from orchestration.options import existing_home as _existing
from orchestration.options import home_of as _home

if TYPE_CHECKING:
    from orchestration.market import Market

app = typer.Typer(no_args_is_help=True, add_completion=False, help=(__doc__ or "").splitlines()[0])
app.add_typer(quarantine_command.app, name="quarantine")
app.command()(vintage_commands.rebuild)
app.command()(vintage_commands.claims)

DEMO_NIGHT = "2026-01-16"


@app.command()
def demo(
    market: Annotated[Path | None, typer.Option(help="A market directory to serve; default: generate one")] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the generated market; default: the home's own, or 1")
    ] = None,
    home: HomeOption = None,
    date: Annotated[str, typer.Option(help="Last day the night knows, YYYY-MM-DD")] = DEMO_NIGHT,
) -> None:
    """Run a whole night on a sandbox market, without any network: from provider bytes to a published file."""
    from orchestration.market import claim, describe  # noqa: PLC0415 - imports cost a second

    night, place = Night.parse(date), _home(home)
    read_settings()
    chosen = describe(market) if market is not None else _own_market(place, seed)
    claim(place, chosen)
    console.print(f"[bold]{chosen.label}[/], night of {night.day}, home {place.home}")
    _run(place, night)
    _show_claims(place)
    console.print(
        f"\nOpen next:\n  report     {place.docs / 'report.html'}\n  database   {place.published / 'rotation.duckdb'}"
        f"\n  Dagster    make ui{_home_hint(home)}   (http://127.0.0.1:3000)"
    )


@app.command()
def refresh(
    date: Annotated[
        str | None, typer.Option(help="Last day the night may know, YYYY-MM-DD; default: the newest closed")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Run one night on the live providers; what is complete is not asked again."""
    from orchestration.alerts import told_when_it_fails  # noqa: PLC0415
    from orchestration.market import LIVE, claim  # noqa: PLC0415

    now = datetime.now(UTC)
    night, place = Night.parse(date) if date else Night.latest(now), _home(home)
    if night > Night.latest(now):
        raise SettingsError(f"the night of {night.day} has not closed: the newest one is {Night.latest(now).day}")
    with told_when_it_fails(f"the night of {night.day} in {place.home}"):
        read_settings()
        claim(place, LIVE)
        _run(place, night)
    _show_claims(place)


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD")],
    last: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD")],
    home: HomeOption = None,
) -> None:
    """Fetch the days from --from to --to, then build and publish once; stopped and started again it goes on."""
    from orchestration.alerts import told_when_it_fails  # noqa: PLC0415
    from orchestration.market import Kind, market_of  # noqa: PLC0415
    from orchestration.nights import FIRST_NIGHT  # noqa: PLC0415

    start, end, place = Night.parse(first), Night.parse(last), _home(home)
    if end < start:
        raise SettingsError(f"--from {start.day} lies after --to {end.day}: exchange them")
    if start < Night.parse(FIRST_NIGHT):
        raise SettingsError(f"--from {start.day} lies before {FIRST_NIGHT}, the first day that is collected")
    market, newest = market_of(place), Night.latest(datetime.now(UTC))
    if (market is None or market.kind is Kind.LIVE) and end > newest:
        raise SettingsError(f"--to {end.day} has not closed: the newest day is {newest.day}")
    with told_when_it_fails(f"the backfill from {start.day} to {end.day} in {place.home}"):
        _run(place, end, start)


@app.command("replay")
def replay_landing(home: HomeOption = None) -> None:
    """Rebuild the raw tables from landing."""
    from ingestion.catalogue import every_dataset  # noqa: PLC0415
    from ingestion.collect import replay  # noqa: PLC0415

    place = _existing(home)
    console.print(f"{replay(place, every_dataset())} batches replayed into {place.warehouse}")


@app.command("publish")
def publish_marts(
    version: Annotated[int | None, typer.Argument(help="With --rollback: the publication to go back to")] = None,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Go back to a kept publication; default: the one before the present")
    ] = False,
    home: HomeOption = None,
) -> None:
    """Publish the marts again, if exactly this content passed its audit, or go back to an earlier publication."""
    from orchestration.nights import newest_vintage  # noqa: PLC0415
    from orchestration.publication import publish_home, roll_back_home  # noqa: PLC0415

    if version is not None and not rollback:
        raise SettingsError(f"publication {version} can only be gone back to: add --rollback")
    place = _existing(home)
    if rollback:
        found = roll_back_home(place, version, "command")
    else:
        found = publish_home(place, newest_vintage(place), "command", again=True)
    done = "replaced" if found.changed else "unchanged, it already holds this content"
    console.print(f"{found.path}: {done} (publication {found.publication_id})")


@app.command("report")
def draw_report(home: HomeOption = None) -> None:
    """Draw the report again from the published file."""
    from orchestration.market import LIVE, market_of  # noqa: PLC0415
    from orchestration.reporting.report import write_report  # noqa: PLC0415

    place = _home(home)
    console.print(write_report(place.published, place.docs / "report.html", (market_of(place) or LIVE).label))


@app.command("docs")
def build_docs(home: HomeOption = None) -> None:
    """Build Great Expectations' Data Docs of the newest night: every rule of every table, and what became of it."""
    from orchestration.data_docs import build_data_docs  # noqa: PLC0415

    place = _existing(home)
    with console.status("building the data docs"):
        site = build_data_docs(place)
    console.print(f"{site.index}: the night of {site.night}, {site.tables} tables, {site.size / 1e6:.1f} MB")
    for rule in site.left_out:
        console.print(f"left out, no suite has it any more: {rule}", markup=False)


@app.command()
def status(home: HomeOption = None) -> None:
    """Show what the newest night was answered, what is missing and why, and what was restated."""
    from orchestration.status import tables  # noqa: PLC0415

    place = _existing(home)
    with duckdb.connect(str(place.warehouse), read_only=True) as connection:
        for table in tables(connection):
            console.print(table)


@app.command()
def doctor(home: HomeOption = None) -> None:
    """Check settings, disk, clock, lock and providers, and say what to fix; exit status 1 when something must be."""
    from orchestration.doctor import examine, must_be_fixed  # noqa: PLC0415

    findings = examine(_home(home))
    table = Table("check", "", "found", "what to do")
    for finding in findings:
        mark = Text(finding.verdict, _MARKS[finding.verdict])
        table.add_row(finding.subject, mark, Text(finding.found), Text(finding.remedy))
    console.print(table)
    if must_be_fixed(findings):
        sys.exit(1)


_MARKS = {"ok": "green", "note": "yellow", "fix": "bold red"}


@app.command("new-source")
def new_source(
    name: Annotated[str, typer.Argument(help="Provider, in lower case letters, digits and _")],
    dataset: Annotated[str, typer.Option(help="Its first dataset")] = "bars",
) -> None:
    """Write the files of a new source, which pass lint and tests, and say what else has to be added by hand."""
    from orchestration.scaffold import PROJECT, scaffold  # noqa: PLC0415

    made = scaffold(PROJECT, name, dataset)
    for path in made.files:
        console.print(f"wrote {path.relative_to(PROJECT)}")
    console.print(made.by_hand, markup=False, highlight=False)


@app.command()
def ui(
    home: HomeOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1")] = 3000,
) -> None:
    """Open the Dagster UI over this home on 127.0.0.1; Ctrl-C ends it."""
    from orchestration.run import prepare_instance  # noqa: PLC0415
    from orchestration.ui import refuse_used_port, serve_ui  # noqa: PLC0415

    place = _home(home)
    refuse_used_port(port)
    prepare_instance(place)
    console.print(f"Dagster UI of {place.home}: http://127.0.0.1:{port} (Ctrl-C ends it)")
    sys.exit(serve_ui(port))


def _home_hint(chosen: Path | None) -> str:
    return f" ROTATION_HOME={chosen}" if chosen else ""


def _own_market(home: Home, seed: int | None) -> Market:
    """The market this home already serves, or a generated one; refuses a seed that is not the home's before writing."""
    from orchestration.market import Kind, Market, claim, describe, market_of  # noqa: PLC0415

    known = market_of(home)
    if known is not None and known.directory is not None and seed in {None, known.seed}:
        return known
    seed = 1 if seed is None else seed
    if known is not None:
        claim(home, Market(Kind.GENERATED, f"market-seed-{seed}", seed=seed))
    home.prepare()
    return describe(_generated(home, seed))


def _generated(home: Home, seed: int) -> Path:
    """The generated market of this seed inside the home; written once, whole or not at all."""
    from ingestion.sandbox.generator import generate  # noqa: PLC0415

    directory = home.home / f"market-seed-{seed}"
    if not directory.exists():
        unfinished = directory.with_suffix(".writing")
        shutil.rmtree(unfinished, ignore_errors=True)
        started = time.perf_counter()
        try:
            with console.status(f"generating the market of seed {seed}"):
                generate(unfinished, seed)
            unfinished.rename(directory)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        console.print(f"market of seed {seed} generated in {time.perf_counter() - started:.0f} s")
    return directory


def _run(home: Home, night: Night, first: Night | None = None) -> None:
    from orchestration import progress  # noqa: PLC0415
    from orchestration.run import run_night  # noqa: PLC0415
    from orchestration.terminal import Rate  # noqa: PLC0415

    started = time.perf_counter()
    with (
        Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            Rate(),
            TimeRemainingColumn(compact=True),
            console=console,
            auto_refresh=console.is_terminal,  # a file gets the last state alone
        ) as bars,
        progress.heard_by(_on(bars)),
    ):
        run_night(home, night, first)
    console.print(f"the run took {time.perf_counter() - started:.0f} s")


def _on(bars: Progress) -> Callable[[str, int | None, int | None], None]:
    """Each thing said is a line with a bar where its size is known; a new line ends the one before it."""
    tasks: dict[str, int] = {}

    def listen(text: str, done: int | None, total: int | None) -> None:
        if text not in tasks:
            tasks[text] = int(bars.add_task(text, total=total))
        bars.update(tasks[text], completed=done or 0, total=total)  # type: ignore[arg-type]
        if done is None:
            bars.update(tasks[text], total=1, completed=1)  # type: ignore[arg-type]

    return listen


def _show_claims(home: Home) -> None:
    """Each claim with its verdict and the reason; the measures behind it are in the report."""
    with duckdb.connect(str(home.published / "rotation.duckdb"), read_only=True) as connection:
        rows = connection.execute("""
            select claim_id, verdict, statement, reason from marts.claims
            where evaluation_date = (select max(evaluation_date) from marts.claims)
            order by try_cast(claim_id[2:] as integer)""").fetchall()
    table = Table(box=None, show_header=False, padding=(0, 1), title="Claims", title_justify="left")
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for claim, verdict, statement, reason in rows:
        words = Text.assemble((statement, "bold"), "\n", (reason, "dim"))
        table.add_row(claim, Text(verdict.replace("_", " "), _STYLES.get(verdict, "")), words)
    console.print(table)


_STYLES = {"supported": "green", "not_supported": "red", "artefact": "yellow", "inconclusive": "cyan"}


_STOPPED = 130


def _load_settings(file: Path) -> None:
    """Read a file of settings where there is one; what the environment says already stays."""
    try:
        load_dotenv(file)
    except UnicodeDecodeError as error:
        raise SettingsError(f"the settings in {file.absolute()} are not UTF-8: save the file as UTF-8") from error


def main() -> None:
    """Run the command; an error the user can act on is one line and exit status 1."""
    # A scheduler ends a job with SIGTERM: it is stopped like Ctrl-C, so that what it holds is let go of.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # dbt's locks are semaphores of the system; where this process is killed, Python's helper removes them and need not
    # say so on the user's console.
    os.environ["PYTHONWARNINGS"] = ",".join(
        filter(None, (os.environ.get("PYTHONWARNINGS"), "ignore:resource_tracker:UserWarning"))
    )
    # Where the disk is full, so is the log: its pages of traceback would hide the line that says what to do.
    logging.raiseExceptions = False
    try:
        _load_settings(Path(".env"))
        app(standalone_mode=True)
    except (RotationError, duckdb.IOException, OSError) as error:
        said = "\n".join((f"rotation: {error}", *getattr(error, "__notes__", ())))
        Console(stderr=True).print(said, markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except SystemExit as ended:
        if ended.code == _STOPPED:  # what typer makes of Ctrl-C
            Console(stderr=True).print("rotation: stopped; run the same command again to go on", markup=False)
        raise
    finally:
        os.environ.pop("ROTATION_WAREHOUSE", None)
