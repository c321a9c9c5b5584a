"""The page that says at which write points processes were ended, and what became of their homes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "docs" / "crash.md"
_HEAD = """# Ended at every write point

Written by `python -m tests.crash --page`. A process collects, backfills or replays a small home from the sandbox's
server and ends, as by a kill, before one of its writes takes effect; then the same is done again to its end. Landing,
the content hashes of raw, the ledger, revisions, coverage and the files of the home must then be what an undisturbed
run leaves: nothing lost, nothing doubled, nothing left behind. While a replay is down, the old tables must be whole.

| what was done | write points | ended at | not as it must be |
|---|---:|---:|---:|
"""
_KINDS = """
What the points are, over all that was done:

| point | ended at |
|---|---:|
"""


class Found(NamedTuple):
    """One deed: its write points, the names of those it was ended at, and the problems that were found."""

    deed: str
    points: int
    ended_at: Sequence[str]
    problems: Sequence[str]


def page(found: Sequence[Found]) -> str:
    """The page as Markdown."""
    rows = [f"| {each.deed} | {each.points} | {len(each.ended_at)} | {len(each.problems)} |" for each in found]
    kinds = Counter(_kind(name) for each in found for name in each.ended_at)
    listed = [f"| {kind} | {count} |" for kind, count in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))]
    return _HEAD + "\n".join(rows) + "\n" + _KINDS + "\n".join(listed) + "\n"


def _kind(name: str) -> str:
    """What a point is, without the name of the table or file."""
    return " ".join(word for word in name.replace(";", "").split()[:3] if word.isalpha() or "os." in word)
