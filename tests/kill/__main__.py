"""`python -m tests.kill --times 200`: kill nights at random moments; one line tells how many came out as they must."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.kill.killing import clear, problems_after_kills, undisturbed
from tests.nights import small


def main() -> int:
    """Exit status 1 when anything was not as it must be."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--times", type=int, default=20, help="how many kills in all")
    parser.add_argument("--kills-a-night", type=int, default=4, help="kills before a night may run to its end")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    rng, begun, wrong, nights = random.Random(chosen.seed), time.monotonic(), 0, 0  # noqa: S311 - not for secrets
    with tempfile.TemporaryDirectory() as folder:
        market = small.make_market(Path(folder) / "market")
        small.preload()
        expected = undisturbed(Path(folder) / "undisturbed", market)
        print(f"an undisturbed night takes {expected.seconds:.0f} s", flush=True)
        for left in range(chosen.times, 0, -chosen.kills_a_night):
            home = Path(folder) / f"night-{nights}"
            problems = problems_after_kills(home, market, expected, min(left, chosen.kills_a_night), rng)
            nights, wrong = nights + 1, wrong + bool(problems)
            for problem in problems:
                print(f"night {nights}: {problem}", flush=True)
            clear(home)
            print(f"{chosen.times - left + min(left, chosen.kills_a_night)} kills, {wrong} nights wrong", flush=True)
    minutes = (time.monotonic() - begun) / 60
    print(f"{chosen.times} kills in {nights} nights, {wrong} not as they must be, {minutes:.0f} minutes")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
