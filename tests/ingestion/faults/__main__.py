"""Runs the whole matrix and writes docs/faults.md."""

from __future__ import annotations

import logging
import sys
import tempfile
from pathlib import Path

from tests.ingestion.faults.examples import asked_datasets, record
from tests.ingestion.faults.expected import problem
from tests.ingestion.faults.matrix import parts
from tests.ingestion.faults.page import PAGE, page
from tests.ingestion.faults.run import Bench, Cell
from tests.ingestion.faults.server import provider


def main() -> int:
    """Exit status 1 when a cell is not what it must be; the page is written all the same."""
    logging.disable(logging.CRITICAL)
    cells: list[Cell] = []
    with tempfile.TemporaryDirectory() as folder, provider() as server:
        datasets = asked_datasets()
        examples = record(Path(folder), datasets)
        for name in map("/".join, (dataset.key for dataset in datasets)):
            for example, faults in parts(examples[name]):
                cells += Bench(example, server, Path(folder)).cells(faults)
                print(f"{example.name}: {len(faults)} cells", flush=True)
    problems = [found for found in map(problem, cells) if found]
    for found in problems:
        print(found, file=sys.stderr)
    PAGE.write_text(page(cells), encoding="utf-8")
    print(f"{len(cells)} cells, {len(problems)} not as they must be: {PAGE}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
