"""`python -m ingestion.sandbox --market DIR --last-day YYYY-MM-DD [--port N]`: serve a market until stopped."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from starlette.types import ASGIApp

from ingestion.errors import RotationError
from ingestion.night import Night
from ingestion.sandbox.server import run


def main(around: Callable[[ASGIApp], ASGIApp] | None = None) -> int:
    """Exit status 2 with one line on standard error when the market or the port cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m ingestion.sandbox", description=__doc__)
    parser.add_argument("--market", type=Path, required=True, help="market directory to serve")
    parser.add_argument("--last-day", required=True, help="nothing later is served")
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input is closed")
    chosen = parser.parse_args()
    try:
        run(chosen.market, Night.parse(chosen.last_day).day, chosen.port, with_parent=chosen.with_parent, around=around)
    except RotationError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
