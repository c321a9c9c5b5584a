"""Binance's proof of reserves: the documented answer, each trap by name, and what becomes of labels over nights."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue, reference
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_reserves.dataset import KEY, PATH
from ingestion.sources.binance_reserves.parse import judge, parse_addresses
from ingestion.sources.registry.dataset import NEEDED, labelled
from tests.ingestion.faults.server import Provider, Reply, provider

NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
ONE, OTHER, HELD = "0x" + "ab" * 20, "0x" + "cd" * 20, "0x" + "ef" * 20
COLLATERAL = "0x47ac0fb4f2d84898e4d9e7b4dab3c24507a6d503"
BITCOIN = "34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo"


def entry(address: str, custodian: str = "", network: str = "ETH") -> dict[str, Any]:
    return {"network": network, "address": address, "thirdPartyCustodianName": custodian, "asset": "unknown key"}


def body(*entries: dict[str, Any], code: str = "000000") -> bytes:
    return json.dumps({"code": code, "message": None, "data": list(entries)}).encode()


def rows(*entries: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(row.network, row.address, row.custodian) for row in parse_addresses(body(*entries))]


def test_an_address_that_repeats_for_every_asset_is_one() -> None:
    assert rows(entry(ONE), entry(OTHER), entry(ONE)) == [("ETH", ONE, None), ("ETH", OTHER, None)]


def test_what_a_custodian_holds_is_kept_apart_and_what_binance_holds_too_is_binances() -> None:
    found = rows(entry(HELD, "Ceffu"), entry(ONE, "Ceffu"), entry(ONE), entry(ONE, "Ceffu"))
    assert found == [("ETH", ONE, None), ("ETH", HELD, "Ceffu")]


def test_a_checksummed_spelling_is_the_same_address_and_other_networks_keep_theirs() -> None:
    checksummed = "0x" + "aB" * 20
    assert rows(entry(checksummed), entry(ONE), entry(BITCOIN, network="BTC")) == [
        ("BTC", BITCOIN, None),
        ("ETH", ONE, None),
    ]


@pytest.mark.parametrize(
    ("odd", "kept"),
    [
        (entry("0.0.9008", network="HBAR"), [("HBAR", "0.0.9008", None)]),
        (entry("0x1", network="BNB Smart Chain (BEP20)"), [("BNB Smart Chain (BEP20)", "0x1", None)]),
        (entry(" rEb8 1234 ", network="XRP"), [("XRP", "rEb8 1234", None)]),
        (entry("", network="BTC"), []),
        (entry("x", network="BTC") | {"address": None}, []),
    ],
)
def test_a_network_that_nobody_asks_does_not_spoil_the_list(odd: dict[str, Any], kept: list[Any]) -> None:
    assert sorted(rows(odd, entry(ONE))) == sorted([*kept, ("ETH", ONE, None)])


def test_blanks_around_a_value_are_no_part_of_it() -> None:
    found = rows(entry(f" {ONE}\n", network="ETH "), entry(OTHER, " "), entry(HELD, " Ceffu "))
    assert found == [("ETH", ONE, None), ("ETH", OTHER, None), ("ETH", HELD, "Ceffu")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (body(), "listed no address at all"),
        (body(entry(ONE), code="000002"), "refused with '000002'"),
        (body(entry(ONE), entry("0x12")), "no address of Ethereum|match pattern"),
        (body(entry(ONE[:-1] + "g")), "no address of Ethereum"),
        (body(entry(ONE[2:])), "no address of Ethereum"),
        (body(entry(ONE, network="")), "network"),
        (body(entry(ONE) | {"thirdPartyCustodianName": 0}), "custodian"),
        (body(entry(ONE) | {"thirdPartyCustodianName": None}, {"network": "ETH", "address": ONE}), "KeyError"),
        (body(entry(ONE) | {"address": None}), "AttributeError"),
        (b'{"code":"000000","data":{}}', "no address at all"),
        (b"<html>", "this is not a list of reserve addresses"),
        (b"[]", "this is not a list of reserve addresses"),
    ],
)
def test_a_list_is_taken_whole_or_not_at_all(text: bytes, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_addresses(text)


def test_a_refusal_under_http_200_is_one_and_says_the_providers_words() -> None:
    said = json.dumps({"code": "100001003", "message": "Illegal visit", "data": None}).encode()
    found = judge(Exchange(Request("list", PATH), Outcome.OK, NOW, 200, body=said))
    assert (found.outcome, found.error) == (Outcome.BAD_PAYLOAD, "100001003: Illegal visit")


@pytest.fixture
def binance() -> Iterator[Provider]:
    with provider() as running:
        yield running


def night(home: Home, binance: Provider, day: int, status: int, answer: bytes = b"") -> Outcome:
    """Read the lists and ask Binance on a night of January 2026; what became of that."""
    binance.serve = lambda asked: Reply(status, body=answer) if asked.path == PATH else Reply(404)
    the_night = Night(date(2026, 1, day))
    datasets = [each for each in catalogue.datasets() if each.key in NEEDED]
    urls = ProviderUrls(binance_reserves_url=binance.url)
    found = collect_night(home, the_night, datasets, urls, lambda: the_night.as_of, sleep=lambda _seconds: None)
    (outcome,) = (outcome for each in found if each.source == KEY[0] for outcome in each.outcomes)
    return outcome


def now_labelled(home: Home) -> list[str]:
    """What is asked for beside the wallets of the project's list."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        known = Known(Night(date(2026, 1, 31)), NOW, read=lambda sql: connection.execute(sql).fetchall())
        found = labelled(known, "ethereum")
    assert set(reference.wallets("ethereum")) <= set(found)
    assert list(found) == sorted(set(found))
    return [address for address in found if address not in reference.wallets("ethereum")]


def test_what_was_published_once_stays_labelled_through_refusals_and_shorter_lists(
    tmp_path: Path, binance: Provider
) -> None:
    home = Home(home=tmp_path)
    assert night(home, binance, 10, 451, b'{"code":0,"msg":"restricted location"}') is Outcome.BLOCKED
    assert now_labelled(home) == []
    published = body(entry(ONE), entry(ONE), entry(HELD, "Ceffu"), entry(BITCOIN, network="BTC"))
    assert night(home, binance, 11, 200, published) is Outcome.OK
    assert now_labelled(home) == [ONE]
    assert night(home, binance, 12, 451) is Outcome.BLOCKED
    assert now_labelled(home) == [ONE]
    assert night(home, binance, 13, 200, body(entry(OTHER))) is Outcome.OK
    assert now_labelled(home) == [ONE, OTHER]
    for day, custodian in ((14, "Ceffu"), (15, "")):
        assert night(home, binance, day, 200, body(entry(OTHER, custodian))) is Outcome.OK
        assert now_labelled(home) == [ONE, OTHER]
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        since = connection.execute(
            "select address, min(_known_at)::date from raw.binance_reserves_addresses where network = 'ETH'"
            " group by all order by all"
        ).fetchall()
    assert since == [(ONE, date(2026, 1, 12)), (OTHER, date(2026, 1, 14)), (HELD, date(2026, 1, 12))]


def test_the_lists_labels_count_before_the_exchanges_own_and_a_tokens_contract_is_no_wallet(
    tmp_path: Path, binance: Provider
) -> None:
    """Collateral stays collateral, whoever else calls it a wallet."""
    home = Home(home=tmp_path)
    contract, own = reference.contracts("ethereum")[0], reference.wallets("ethereum")[0]
    published = body(entry(COLLATERAL), entry(contract), entry(own), entry(ONE))
    assert night(home, binance, 10, 200, published) is Outcome.OK
    assert now_labelled(home) == [ONE]


def test_what_a_gate_has_set_aside_labels_nothing(tmp_path: Path, binance: Provider) -> None:
    """Or wallets would be asked for that no model counts; released, or said again, they are."""
    home = Home(home=tmp_path)
    assert night(home, binance, 10, 200, body(entry(ONE), entry(OTHER))) is Outcome.OK
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(
            "insert into quarantine.binance_reserves_addresses (_batch_id, _row_hash)"
            " select _batch_id, _row_hash from raw.binance_reserves_addresses where address = ?",
            [ONE],
        )
        connection.execute(
            "insert into quarantine.registry_wallets (_batch_id, _row_hash)"
            " select _batch_id, _row_hash from raw.registry_wallets where kind = 'exchange' limit 1"
        )
        known = Known(Night(date(2026, 1, 31)), NOW, read=lambda sql: connection.execute(sql).fetchall())
        found = labelled(known, "ethereum")
    assert OTHER in found
    assert ONE not in found
    assert len(found) == len(reference.wallets("ethereum"))  # one less of the list, one more of Binance


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(json.loads(body(entry(ONE), entry(HELD, "Ceffu"), entry(BITCOIN, network="BTC")))))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    judge(Exchange(Request("list", PATH), Outcome.OK, NOW, 200, body=spoiled))
    with contextlib.suppress(BadPayloadError):
        parse_addresses(spoiled)
