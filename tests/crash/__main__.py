"""`python -m tests.crash [--every N] [--deed NAME]`: ends collecting, backfilling and replaying at every write point.

With --every N only each N-th point is tried, from a first one drawn by --seed; the points of all deeds are counted
without it.
"""

from __future__ import annotations

import random
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path

from ingestion.sandbox.server import serve
from tests.crash.homes import NEXT, Trial, deeds, make_market, prepare_process


def main() -> int:
    """Exit status 1 when a home is not as it must be."""
    parser = ArgumentParser(description=main.__doc__)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--deed")
    chosen = parser.parse_args()
    tried = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        market = make_market(Path(folder) / "market")
        prepare_process()
        with serve(market, NEXT.day) as base:
            for deed in deeds(base):
                if chosen.deed not in (None, deed.name):
                    continue
                trial = Trial(deed, Path(folder) / deed.name.replace(" ", "-"))
                first = random.Random(chosen.seed).randint(1, chosen.every)  # noqa: S311 - which points, no secret
                for point in range(first, trial.points + 1, chosen.every):
                    name, problems = trial.problems(point)
                    tried += 1
                    wrong += bool(problems)
                    for problem in problems:
                        print(f"{deed.name}, point {point} ({name}): {problem}", flush=True)
                print(f"{deed.name}: {trial.points} write points", flush=True)
    print(f"{tried} ended and done again, {wrong} not as they must be")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
