"""The reviewed file of verdict rules says what the vars say, and every claim has its headline."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parents[2] / "dbt_project"
RULES = list(csv.DictReader((PROJECT / "seeds" / "verdict_rules.csv").open(encoding="utf-8", newline="")))
VARS = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
CLAIMS = [f"C{number}" for number in range(1, 11)]


def parameters(rule: dict[str, str]) -> Iterator[tuple[str, float]]:
    for pair in filter(None, rule["parameters"].split(";")):
        name, value = pair.split("=")
        yield name, float(value)


def var(path: str) -> Any:
    found: Any = VARS
    for part in path.split("."):
        found = found[int(part) if part.isdigit() else part]
    return found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['claim_id']}-{rule['metric']}")
def test_a_threshold_in_the_file_is_the_one_that_is_used(rule: dict[str, str]) -> None:
    for name, value in parameters(rule):
        assert var(name) == value, name


def test_every_number_that_judges_a_claim_is_in_the_file() -> None:
    named = {name for rule in RULES for name, _ in parameters(rule)}
    judging = {
        f"{group}.{name}"
        for group, values in VARS.items()
        if group.startswith("claims_")
        for name, value in values.items()
        if isinstance(value, int | float)
    }
    assert judging - named == set()


def test_every_claim_has_one_row_of_its_own_with_its_statement() -> None:
    whole = [rule for rule in RULES if rule["metric"] == "*"]
    assert [rule["claim_id"] for rule in whole] == CLAIMS
    assert all(rule["statement"] and rule["rule"] and rule["family"] for rule in whole)


def test_a_claim_has_one_headline_and_a_measure_one_rule() -> None:
    headlines = Counter(rule["claim_id"] for rule in RULES if rule["role"] == "headline")
    assert set(headlines.values()) == {1}
    assert [claim for claim in CLAIMS if claim not in headlines] == []
    twice = Counter((rule["claim_id"], rule["metric"]) for rule in RULES)
    assert [key for key, count in twice.items() if count > 1] == []


def test_measures_of_one_claim_that_share_a_test_name_the_same_family() -> None:
    """Rows of a pattern and of one of its measures say the same but for the role."""
    by_key = {(rule["claim_id"], rule["metric"]): rule for rule in RULES}
    for (claim, metric), rule in by_key.items():
        pattern = by_key.get((claim, f"{metric.split(':')[0]}:*"))
        if pattern is not None and rule is not pattern:
            assert (rule["rule"], rule["direction"], rule["family"]) == tuple(
                pattern[name] for name in ("rule", "direction", "family")
            )
