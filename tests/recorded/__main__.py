"""Runs the recorded nights and writes the pages: `python -m tests.recorded [--home DIR]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.end_to_end.whole_nights import RECORDED
from tests.recorded import claims_page, figures, pictures
from tests.recorded.nights import recorded_home


def main(arguments: list[str]) -> int:
    """Exit status 2 without the recorded market."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded", description=__doc__)
    parser.add_argument("--home", type=Path, help="where the nights are kept for the next time; else they are not")
    home = parser.parse_args(arguments).home
    if not RECORDED.is_dir():
        print("the recorded market is not beside this checkout: nothing to run", file=sys.stderr)
        return 2
    with recorded_home(home) as place:
        old = claims_page.PAGE.read_text(encoding="utf-8") if claims_page.PAGE.exists() else ""
        claims_page.PAGE.write_text(claims_page.page(place, old), encoding="utf-8")
        figures.PAGE.write_text(figures.page(place), encoding="utf-8")
        for path in (claims_page.PAGE, figures.PAGE, *pictures.draw(place)):
            print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
