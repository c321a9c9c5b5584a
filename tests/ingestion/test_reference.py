"""The facts the project decides agree with each other."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "ingestion" / "reference"


def rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_changed_exclusions_change_the_parameters_that_ranks_were_made_under() -> None:
    """Ranks are incremental: without a new hash, days already ranked would keep what is excluded now."""
    project = yaml.safe_load((ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    found = hashlib.md5((REFERENCE / "exclusions.csv").read_bytes(), usedforsecurity=False).hexdigest()
    assert project["vars"]["caps"]["exclusions_md5"] == found, "write this hash into the var caps.exclusions_md5"


def test_what_is_excluded_has_a_class_and_a_reason_and_is_named_once() -> None:
    excluded = rows("exclusions")
    assert len({row["coin_id"] for row in excluded}) == len(excluded)
    assert {row["asset_class"] for row in excluded} == {"stablecoin", "wrapped", "liquid_staking", "tokenised_asset"}
    assert all(row["reason"] for row in excluded)


def test_nothing_that_follows_another_price_has_a_perpetual_of_its_own_in_the_universe() -> None:
    excluded = {row["coin_id"] for row in rows("exclusions")}
    assert {row["coin_id"] for row in rows("perpetuals")} & excluded == set()


def test_a_coin_that_migrated_is_known_and_its_successor_too() -> None:
    known = {row["coin_id"] for row in rows("coins")}
    for row in rows("migrations"):
        assert {row["from_coin_id"], row["to_coin_id"]} <= known
        assert float(row["units_per_old"]) > 0


def test_flows_of_a_renamed_coin_do_not_end_before_its_prices() -> None:
    """MATIC's contract was still used for days after POL had taken over its price."""
    ended = {row["coin_id"]: row["valid_to"] for row in rows("tokens") if row["valid_to"]}
    for row in rows("migrations"):
        if row["kind"] == "renamed" and row["from_coin_id"] in ended:
            assert row["migrated_on"] <= ended[row["from_coin_id"]]
