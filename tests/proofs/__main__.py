"""Runs the proofs on the full grid and writes docs/proofs.md: `python -m tests.proofs [module ...]`."""

from __future__ import annotations

import sys
import time

from tests.proofs import families
from tests.proofs.report import FULL, PAGE, page


def main(names: list[str]) -> int:
    """Exit status 1 when a proof fails; the page is written all the same."""
    found = families()
    if unknown := sorted(set(names) - set(found)):
        print(f"no proofs named {', '.join(unknown)}; there are {', '.join(sorted(found))}", file=sys.stderr)
        return 2
    results = {}
    for name in names or sorted(found):
        start = time.perf_counter()
        results[name] = found[name](FULL)
        failing = [proof for proof in results[name] if not proof.passed]
        print(f"{name}: {len(results[name])} proofs, {len(failing)} fail, {time.perf_counter() - start:.0f} s")
        for proof in failing:
            print(f"  {proof.what} ({proof.setting}): {proof.measured:.4g} not in {proof.low} to {proof.high}")
    PAGE.write_text(page(results, PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""), encoding="utf-8")
    return int(any(not proof.passed for proofs in results.values() for proof in proofs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
