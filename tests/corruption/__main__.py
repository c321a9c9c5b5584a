"""`python -m tests.corruption [--keep FOLDER]`: every corruption, and docs/corruptions.md written anew."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path

from tests.corruption import catalogue, elsewhere, good
from tests.corruption.bench import Bench, problem
from tests.corruption.page import PAGE, page


def main() -> int:
    """Exit status 1 when anything was not caught as it must be; the page is written when all was."""
    parser = argparse.ArgumentParser(prog="python -m tests.corruption", description=__doc__)
    parser.add_argument("--keep", type=Path, help="where the good night is kept, or lies from the last time")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as temporary:
        warehouse = good.make(chosen.keep or Path(temporary) / "good")
        bench = Bench(warehouse)
        wrong = [f"no entry trips {name}" for name in catalogue.without_an_entry(bench.columns)]
        wrong += [f"{name} is written by hand for no rule" for name in catalogue.without_a_rule()]
        for suite in catalogue.suites():
            refused = [rule for rule in bench.baseline(suite).results if rule.status != "passed"]
            wrong += [f"good data break {suite.full_name}.{rule.name}: {rule.message}" for rule in refused]
        caught = [bench.run(corruption) for corruption in catalogue.entries(bench.columns)]
        told = [
            elsewhere.tell(entry, Path(temporary) / str(number), warehouse)
            for number, entry in enumerate(elsewhere.ENTRIES)
        ]
        bench.close()
    wrong += [f"{each.corruption.name}, {each.spoil.words}: {found}" for each in caught if (found := problem(each))]
    wrong += [f"{each.entry.what} {each.entry.words}: {each.problem}" for each in told if each.problem]
    for line in wrong:
        print(line, file=sys.stderr)
    if not wrong:
        PAGE.write_text(page(caught, told), encoding="utf-8")
    print(f"{len(caught) + len(told)} corruptions, {len(wrong)} not as they must be: {PAGE}")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
