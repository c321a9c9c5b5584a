"""Time and peak memory of a night, of the next one and of its repetition, each as its own process; then bulk loading.

`make bench` prints the tables. Every night starts from nothing, so importing the libraries is part of its figure.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from tests.benchmarks import bulk

_STEPS = (
    ("market and first night", "2026-01-16"),
    ("next night", "2026-01-17"),
    ("the same night again", "2026-01-17"),
)


class Measured(NamedTuple):
    """Wall time in seconds and the largest resident set in MB of one process."""

    seconds: float
    peak_mb: float


def measure(command: list[str], environment: dict[str, str]) -> Measured:
    """Run a command to its end; raises `CalledProcessError` when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024)


def main() -> None:
    """Measure all steps in one temporary home and print them."""
    table = Table("step", "seconds", "peak MB", "of the first night", title="Nights on the generated market")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"ROTATION_HOME": str(Path(folder) / "home")}
        rotation = [str(Path(sys.executable).with_name("rotation")), "demo", "--date"]
        first: Measured | None = None
        for name, day in _STEPS:
            found = measure([*rotation, day], environment)
            first = first or found
            table.add_row(name, f"{found.seconds:.1f}", f"{found.peak_mb:.0f}", f"{found.seconds / first.seconds:.2f}")
    Console().print(table)
    bulk.main()


if __name__ == "__main__":
    main()
