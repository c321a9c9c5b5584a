"""The pages for readers: they name every mart, claim and rule, and show the pictures that are there."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.proofs.correlation import AN_ARTEFACT, STANDS
from tests.proofs.long_bias import FEWEST_DAYS, FEWEST_FORWARD_DAYS, REJECTS
from tests.recorded.figures import RULES, proof, wrapped
from tests.recorded.nights import NIGHTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "methodology.md").read_text(encoding="utf-8")
RECORDED = (DOCS / "claims_recorded.md").read_text(encoding="utf-8")
MARTS = sorted(path.stem for path in (ROOT / "dbt_project" / "models" / "marts").rglob("*.sql"))
KILOBYTE = 1024


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_is_explained(mart: str) -> None:
    assert f"`{mart}`" in PAGE


def test_every_rule_of_a_verdict_is_printed_as_it_stands_in_the_file() -> None:
    with RULES.open(encoding="utf-8", newline="") as lines:
        for rule in csv.DictReader(lines):
            name = "the claim" if rule["metric"] == "*" else f"`{rule['metric']}`"
            cells = [name, rule["role"], rule["rule"], rule["parameters"].replace(";", ", "), rule["family"]]
            assert "| " + " | ".join(cells) + " |" in PAGE, "run python -m tests.recorded"


@pytest.mark.parametrize(
    ("what", "setting", "digits"),
    [
        (REJECTS, f"{FEWEST_DAYS} days, autocorrelation 0.9,", 1),
        (REJECTS, f"{FEWEST_FORWARD_DAYS} days, autocorrelation 0.9,", 1),
        (REJECTS, f"{FEWEST_FORWARD_DAYS} days, autocorrelation 0.95,", 1),
        (REJECTS, f"{FEWEST_FORWARD_DAYS} days, outcomes of 20 days", 1),
        (STANDS, "all of the market", 1),
        (STANDS, "partial correlation 0.2", 1),
        (AN_ARTEFACT, "all of the market", 1),
    ],
)
def test_where_a_test_is_weak_the_page_says_how_much(what: str, setting: str, digits: int) -> None:
    """At the fewest days that are judged, and where an artefact is seldom seen."""
    assert f" {100 * float(proof(what, setting)):.{digits}f} %" in " ".join(PAGE.split())


def test_every_picture_is_shown_and_small() -> None:
    shown = set(re.findall(r"\]\((images/methodology/\S+)\)", PAGE))
    there = {str(path.relative_to(DOCS)): path.stat().st_size for path in (DOCS / "images" / "methodology").iterdir()}
    assert shown == set(there)
    assert max(there.values()) < 80 * KILOBYTE


def test_each_recorded_night_has_its_table_and_every_claim_its_reading() -> None:
    for night in NIGHTS:
        assert f"## Night of {night}" in RECORDED
    reading = RECORDED.split("## Reading\n")[1]
    heads = " ".join(re.findall(r"\*\*(.+?)\*\*", reading))
    assert [claim for claim in range(1, 11) if not re.search(rf"\bC{claim}\b", heads)] == []


def test_paragraphs_are_filled_and_tables_left_alone() -> None:
    text = "## Head\none\ntwo\n\n| a | b |\n|---|---|\n\n- item\n  goes on\n- next\n"
    assert wrapped(text) == "## Head\none two\n\n| a | b |\n|---|---|\n\n- item goes on\n- next\n"
