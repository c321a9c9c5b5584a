"""Eight readers of four clients query the published file in a loop while it is published again and again.

    python -m tests.readers --publications 100 [--python OTHER] [--shell duckdb] [--node-modules DIR] [--page]

`--python` is an interpreter that has SQLAlchemy and duckdb-engine, `--shell` the duckdb program, `--node-modules` a
folder that holds @duckdb/node-api; a client that is not there is named and its readers use the Python client. Prints a
table, with --page also into docs/readers.md, and ends with 1 when a reader failed or saw two versions on one
connection.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.orchestration.publishing.small_marts import audit, promoted, write_marts
from tests.readers.polling import QUERY

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "readers.md"
INTRODUCTION = """\
# Readers while it is published

Written by `python -m tests.readers --page`. Each reader opens the published file, asks twice on one connection, closes
it and begins again, while the file is published again and again with one more row each time. A read is *mixed* when its
two answers, the rows they count and the newest publication that the file names are not all of one version.
"""
EACH = 2
HEADINGS = ["reader", "client", "reads", "versions seen", "failed reads", "mixed reads"]


def commands(arguments: argparse.Namespace, file: Path, stop: Path) -> list[tuple[str, list[str]]]:
    """The eight readers: client and command."""
    python = [sys.executable, str(HERE / "polling.py"), "duckdb", str(file), str(stop)]
    clients = {"duckdb, Python": python, "SQLAlchemy": python, "duckdb shell": python, "Node": python}
    if arguments.python:
        clients["SQLAlchemy"] = [arguments.python, str(HERE / "polling.py"), "sqlalchemy", str(file), str(stop)]
    if arguments.shell:
        clients["duckdb shell"] = ["sh", str(HERE / "polling.sh"), arguments.shell, str(file), str(stop), QUERY]
    if arguments.node_modules:
        clients["Node"] = ["node", str(HERE / "polling.mjs"), str(file), str(stop), QUERY]
    named = {name: name if name == "duckdb, Python" or command is not python else f"Python for {name}: not installed"
             for name, command in clients.items()}  # fmt: skip
    return [(named[name], command) for name, command in clients.items() for _ in range(EACH)]


def measure(arguments: argparse.Namespace, folder: Path) -> list[tuple[str, dict[str, Any]]]:
    """Publish again and again while all readers read; what each of them found."""
    stop = folder / "stop"
    write_marts(folder, days=10)
    audit(folder)
    promoted(folder)
    environment = os.environ | {"READERS_NODE_MODULES": str(arguments.node_modules or "")}
    readers = [
        (name, subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        for name, command in commands(arguments, folder / "published" / "rotation.duckdb", stop)
    ]
    try:
        for number in range(1, arguments.publications):
            write_marts(folder, days=10 + number)
            audit(folder)
            if not promoted(folder).changed:
                raise RuntimeError(f"publication {number} was not made")
    finally:
        time.sleep(2)  # the slowest reader starts within seconds: it must see the last version at least
        stop.touch()
    found = []
    for name, process in readers:
        said, _ = process.communicate(timeout=120)
        if process.returncode:
            raise RuntimeError(f"the reader '{name}' ended with {process.returncode}")
        found.append((name, json.loads(said)))
    return found


def main() -> int:
    """Print what every reader found; 1 when one failed or saw a mixture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--publications", type=int, default=100)
    parser.add_argument("--python")
    parser.add_argument("--shell", default=shutil.which("duckdb"))
    parser.add_argument("--node-modules", type=Path)
    parser.add_argument("--page", action="store_true")
    arguments = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments, Path(folder))
    rows = [
        [name, result["client"], *(f"{result[key]:,}" for key in ("reads", "versions", "failed", "mixed"))]
        for name, result in found
    ]
    table = Table(*HEADINGS, "first error")
    for row, (_, result) in zip(rows, found, strict=True):
        table.add_row(*row, (result["errors"] or [""])[0][:80])
    Console().print(table)
    reads, wrong = sum(r["reads"] for _, r in found), sum(r["failed"] + r["mixed"] for _, r in found)
    total = f"{len(found)} readers, {arguments.publications} publications: {reads:,} reads, {wrong} wrong"
    print(f"{total}; {time.monotonic() - started:.0f} s")
    if arguments.page:
        lines = [f"| {' | '.join(cells)} |" for cells in (HEADINGS, ["---"] * len(HEADINGS), *rows)]
        PAGE.write_text("\n".join([INTRODUCTION, f"{total}.\n", *lines, ""]), encoding="utf-8")
    return 1 if wrong or not all(result["reads"] for _, result in found) else 0


if __name__ == "__main__":
    sys.exit(main())
