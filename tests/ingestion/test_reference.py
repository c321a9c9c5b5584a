"""The facts the project decides agree with each other."""

from __future__ import annotations

import csv
import hashlib
from datetime import UTC, date, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from ingestion import catalogue, reference
from ingestion.collect import Known
from ingestion.night import Night

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


def test_a_ticker_that_is_used_again_is_another_coin_from_that_day_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """LITUSDT was Litentry's contract and is Lighter's now: between the two nobody is asked for it."""
    given = [("litentry", None, "2025-12-02"), ("lighter", "2025-12-05", None)]
    rows_ = tuple(
        reference.Perpetual.model_validate(
            {"perpetual": "LITUSDT", "coin_id": coin, "coins_per_contract": 1, "valid_from": since, "valid_to": until}
        )
        for coin, since, until in given
    )
    monkeypatch.setattr(reference, "perpetuals", lambda: rows_)
    night, now = Night(date(2025, 12, 6)), datetime(2025, 12, 7, 10, 30, tzinfo=UTC)
    days = {"2025-12-01", "2025-12-05", "2025-12-06"}
    for key in (("binance_vision", "metrics"), ("binance_futures", "ratios")):
        (dataset,) = (each for each in catalogue.datasets() if each.key == key)
        asked = {request.unit.split("/")[1] for request in dataset.plan(night, Known(night, now))}
        assert {day for day in asked if day >= "2025-12-01"} == days


def test_a_name_of_a_perpetual_stands_for_one_contract_on_any_day() -> None:
    """What would be read as two coins of one day: the models join by name and day."""
    spans = sorted(
        (row["perpetual"], row["valid_from"] or "1970", row["valid_to"] or "9999") for row in rows("perpetuals")
    )
    assert [(one, other) for one, other in pairwise(spans) if one[0] == other[0] and other[1] < one[2]] == []


def test_a_legacy_contract_is_asked_for_and_ends_and_never_stands_for_the_coin_beside_the_new_one() -> None:
    """Contracts that were replaced still move: where the day of their end is known they are asked for, and end."""
    tokens = {row["contract"]: row for row in rows("tokens")}
    ended = {row["symbol"]: row["valid_to"] for row in tokens.values() if row["valid_to"]}
    assert ended == {"MATIC": "2024-09-10", "AGIX": "2024-07-01", "OCEAN": "2024-07-01", "MKR": "2024-09-18"}
    assert {contract for contract, row in tokens.items() if row["valid_to"]} <= set(reference.contracts("ethereum"))
    replaced = [  # of FET, AXS, KNC, TRB, CHR, RPL and SNX: no day of their end is known, so they are nobody's
        "0x1d287cc25dad7ccaf76a26bc660c5f7c8e2a05bd",
        "0xf5d669627376ebd411e34b98f19c868c8aba5ada",
        "0xdd974d5c2e2928dea5f71b9825b8b646686bd200",
        "0x0ba45a8b5d5575935b8158a88c631e9f9c95a2e5",
        "0x915044526758533dfb918eceb6e44bc21632060d",
        "0xb4efd85c19999d84251304bda99e90b92300bd93",
        "0xc011a72400e58ecd99ee497cf89e3775d4bd732f",
    ]
    assert set(replaced) & set(tokens) == set()
    symbols = [row["symbol"] for row in tokens.values()]
    assert len(set(symbols)) == len(symbols), "two contracts of one symbol: give each its days and say so here"


def test_agix_and_ocean_end_in_fet_at_their_own_rates_and_keep_their_own_prices() -> None:
    merged = {row["from_coin_id"]: row for row in rows("migrations") if row["kind"] == "merged"}
    assert {name: (row["to_coin_id"], row["units_per_old"]) for name, row in merged.items()} == {
        "singularitynet": ("fetch-ai", "0.433350"),
        "ocean-protocol": ("fetch-ai", "0.433226"),
    }
    ends = {row["coin_id"]: row["valid_to"] for row in rows("tokens") if row["valid_to"]}
    assert {ends[name] for name in merged} == {row["migrated_on"] for row in merged.values()} == {"2024-07-01"}


def test_matic_became_pol_one_to_one_and_the_two_are_never_asked_for_on_one_day() -> None:
    (renamed,) = (row for row in rows("migrations") if row["from_coin_id"] == "matic-network")
    assert (renamed["to_coin_id"], renamed["units_per_old"], renamed["kind"]) == (
        "polygon-ecosystem-token",
        "1",
        "renamed",
    )
    listed = reference.listed_perpetuals()
    days = [date(2024, 9, day) for day in (9, 10)]
    assert [(listed["MATICUSDT"](day), listed["POLUSDT"](day)) for day in days] == [(True, False), (False, True)]
