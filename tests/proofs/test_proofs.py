"""Every proof holds on the reduced grid, and a proof that does not hold is told."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.proofs import families
from tests.proofs.builds import MODELS, marts
from tests.proofs.report import PAGE, REDUCED, Proof, at_least, at_most, at_rate, known, page, shown, uniform


@pytest.mark.slow
@pytest.mark.parametrize("family", sorted(set(families()) - {"builds"}))  # those have their own tests
def test_the_statistics_are_what_they_say(family: str) -> None:
    failing = [proof for proof in families()[family](REDUCED) if not proof.passed]
    assert failing == []


def test_a_proof_fails_outside_its_band() -> None:
    rng = np.random.default_rng(1)
    assert at_rate("a", "", [True] * 95 + [False] * 5, 0.95).passed
    assert not at_rate("a", "", [True] * 80 + [False] * 20, 0.95).passed
    assert not at_least("a", "", [True, False], 0.9).passed
    assert at_most("a", "", [True] * 8 + [False] * 92, 0.05).passed
    assert not at_most("a", "", [True] * 20 + [False] * 80, 0.05).passed
    assert uniform("a", "", rng.uniform(size=400)).passed
    assert not uniform("a", "", rng.uniform(size=400) ** 2).passed
    assert not known("a", "", 0.5, 0.48, tolerance=0.01, runs=10).passed
    assert not known("a", "", np.nan, 0.48, tolerance=0.01, runs=10).passed
    assert shown("a", "", 7.0, 10).passed


def test_the_page_keeps_the_families_that_were_not_run() -> None:
    first = page({"b": [Proof("w", "s", 1.0, None, 0.5, 3)], "a": [shown("x", "y", 2.0, 1)]}, "")
    assert "| w | s | 1 | … to 0.5 | 3 | **FAILS** |" in first
    second = page({"b": [Proof("w", "s", 0.2, None, 0.5, 3)]}, first)
    assert "| x | y | 2 |  | 1 | shown |" in second
    assert "holds" in second
    assert "FAILS" not in second
    assert page({}, second) == second


def test_the_page_says_of_every_mart_that_it_holds_without_the_future() -> None:
    """A mart that keeps its own night alone may have no earlier row; all others have both proofs."""
    written = PAGE.read_text(encoding="utf-8")
    told = set(re.findall(r"^\| (\w+): (earlier rows|a past night) .* holds \|$", written, flags=re.MULTILINE))
    every = {path.stem for path in (MODELS / "marts").rglob("*.sql")}
    assert {mart.name for mart in marts()} == every
    expected = {(name, "a past night") for name in every}
    expected |= {(mart.name, "earlier rows") for mart in marts() if mart.sampling != "night"}
    assert expected - told == set(), "run python -m tests.proofs builds"
    assert {name for name, _ in told} == every
    assert "FAILS" not in written
