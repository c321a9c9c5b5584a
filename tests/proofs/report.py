"""What a proof is, and the page that shows them.

Belongs here: results as plain data, the bands they must lie in, and their Markdown. What is simulated is in series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

PAGE = Path(__file__).parents[2] / "docs" / "proofs.md"
_OPENING = """# Proofs

Simulations that the statistics behind the marts are what they say. `make test` runs them on a reduced grid; this page
is written by `python -m tests.proofs` on the full one. A result must lie in its band: the binomial 99 % band of its
nominal rate, p > 0.01 of a Kolmogorov-Smirnov test of uniformity, or the tolerance of a known number. *shown* is
measured and not judged. Under *builds* the runs are rows: the whole dbt project is built from nothing on data cut at
past dates, and the share of earlier rows that are the same in every column must be 1 (with 199 draws for 1,999).
"""
_HEAD = "| what | setting | measured | must lie in | runs | result |\n|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Grid:
    """How many simulated markets: `planted` per effect, `null` without any effect; at how many dates data are cut."""

    planted: int
    null: int
    cuts: int


REDUCED = Grid(planted=60, null=120, cuts=1)
FULL = Grid(planted=200, null=500, cuts=20)


@dataclass(frozen=True)
class Proof:
    """One measured number and where it must lie; without bounds it is shown and not judged."""

    what: str
    setting: str
    measured: float
    low: float | None
    high: float | None
    runs: int

    @property
    def passed(self) -> bool:
        """NaN lies nowhere."""
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        return bool(low <= self.measured <= high) or self.is_shown

    @property
    def is_shown(self) -> bool:
        return self.low is None and self.high is None


def at_rate(what: str, setting: str, hits: Iterable[Any], nominal: float) -> Proof:
    """The share of hits lies in the binomial 99 % band of its nominal rate."""
    found = np.array(list(hits), dtype=bool)
    low, high = stats.binom.ppf([0.005, 0.995], len(found), nominal) / len(found)
    return Proof(what, setting, float(found.mean()), float(low), float(high), len(found))


def at_least(what: str, setting: str, hits: Iterable[Any], rate: float) -> Proof:
    """The share of hits is at least a rate."""
    found = np.array(list(hits), dtype=bool)
    return Proof(what, setting, float(found.mean()), rate, None, len(found))


def at_most(what: str, setting: str, hits: Iterable[Any], rate: float) -> Proof:
    """The share of hits is no more than a rate allows: the upper end of its binomial 99 % band."""
    found = np.array(list(hits), dtype=bool)
    high = float(stats.binom.ppf(0.995, len(found), rate)) / len(found)
    return Proof(what, setting, float(found.mean()), None, high, len(found))


def uniform(what: str, setting: str, p_values: ArrayLike) -> Proof:
    """p-values without any effect are uniform: the p of a Kolmogorov-Smirnov test is above 0.01."""
    found = np.asarray(p_values, dtype=float)
    return Proof(f"{what}: KS p", setting, float(stats.kstest(found, "uniform").pvalue), 0.01, None, len(found))


def known(what: str, setting: str, measured: float, expected: float, *, tolerance: float, runs: int) -> Proof:
    """A known number is met within a tolerance."""
    return Proof(what, setting, measured, expected - tolerance, expected + tolerance, runs)


def shown(what: str, setting: str, measured: float, runs: int) -> Proof:
    """A number that readers should know and that has no band."""
    return Proof(what, setting, measured, None, None, runs)


def page(families: dict[str, list[Proof]], old: str) -> str:
    """The page with these families written anew; families of the old page that were not run stay."""
    sections = dict(re.findall(r"^## (\w+)\n\n(.*?)(?=^## |\Z)", old, flags=re.MULTILINE | re.DOTALL))
    sections |= {name: _HEAD + "".join(map(_line, proofs)) + "\n" for name, proofs in families.items()}
    return _OPENING + "".join(f"\n## {name}\n\n{sections[name].strip()}\n" for name in sorted(sections))


def _line(proof: Proof) -> str:
    bounds = ["" if bound is None else f"{bound:.3g}" for bound in (proof.low, proof.high)]
    band = "" if proof.is_shown else f"{bounds[0] or '…'} to {bounds[1] or '…'}"
    result = "shown" if proof.is_shown else "holds" if proof.passed else "**FAILS**"
    return f"| {proof.what} | {proof.setting} | {proof.measured:.3g} | {band} | {proof.runs:,} | {result} |\n"
