"""`python -m tests.crash [--page]`: ends collecting, backfilling and replaying at every write point.

With --every N only each N-th point is tried, from a first one drawn by --seed. --page writes what was tried, and what
became of it, to docs/crash.md.
"""

from __future__ import annotations

import random
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from ingestion.sandbox.server import serve
from tests.crash.homes import NEXT, Deed, Trial, deeds, make_market, prepare_process
from tests.crash.page import PAGE, Found, page


def main() -> int:
    """Exit status 1 when a home is not as it must be."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--deed")
    parser.add_argument("--page", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        market = make_market(Path(folder) / "market")
        prepare_process()
        with serve(market, NEXT.day) as base:
            wanted = [deed for deed in deeds(base) if chosen.deed in (None, deed.name)]
            found = [_tried(deed, Path(folder), chosen.every, chosen.seed) for deed in wanted]
    tried, wrong = sum(len(each.ended_at) for each in found), sum(len(each.problems) for each in found)
    print(f"{tried} ended and done again, {wrong} not as they must be")
    if chosen.page:
        PAGE.write_text(page(found), encoding="utf-8")
    return int(bool(wrong))


def _tried(deed: Deed, folder: Path, every: int, seed: int) -> Found:
    trial = Trial(deed, folder / deed.name.replace(" ", "-"))
    ended_at, problems = [], []
    for point, (name, wrong) in _trials(trial, every, seed):
        ended_at.append(name)
        if wrong:
            problems.append(f"{deed.name}, point {point} ({name}): {'; '.join(wrong)}")
            print(problems[-1], flush=True)
    print(f"{deed.name}: {trial.points} write points", flush=True)
    return Found(deed.name, trial.points, ended_at, problems)


def _trials(trial: Trial, every: int, seed: int) -> Iterator[tuple[int, tuple[str, list[str]]]]:
    first = random.Random(seed).randint(1, every)  # noqa: S311 - which points, no secret
    for point in range(first, trial.points + 1, every):
        yield point, trial.problems(point)


if __name__ == "__main__":
    sys.exit(main())
