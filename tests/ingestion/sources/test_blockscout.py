"""Blockscout's pages of logs: a recorded answer and each trap by name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue, reference
from ingestion.catalogue import RAW_TABLES
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.sources.blockscout.dataset import transfers
from ingestion.sources.blockscout.parse import judge, parse_page, parse_ranges, parse_transfers
from ingestion.sources.ethereum.parse import wallet_set
from ingestion.warehouse import raw

PAYLOADS = Path(__file__).parents[4] / "shared" / "real" / "payloads" / "ethereum"
NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
CONTRACT = "0xdf5e0e81dff6faf3a7e52ba697820c5e32d806a8"
TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
FIRST, LAST = 10_712_531, 10_712_753


def log(block: int, index: int = 1, amount: int = 5, **others: Any) -> dict[str, Any]:
    return {
        "address": CONTRACT,
        "blockNumber": hex(block),
        "data": f"0x{amount:064x}",
        "logIndex": hex(index),
        "timeStamp": "0x5f419a17",
        "topics": [TOPIC, "0x" + "0" * 24 + "11" * 20, "0x" + "0" * 24 + "22" * 20, None],
        "transactionHash": f"0x{block * 10_000 + index:064x}",
    } | others


def envelope(*logs: dict[str, Any], status: str = "1", message: str = "OK") -> dict[str, Any]:
    return {"message": message, "result": list(logs), "status": status}


def exchange(body: Any, first: int = FIRST, last: int = LAST) -> Exchange:
    params = {"fromBlock": str(first), "toBlock": str(last), "address": CONTRACT}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(Request(f"2026-01-16/{CONTRACT}/abc", "/api", params), Outcome.OK, NOW, 200, body=raw)


@pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not beside this checkout")
def test_the_recorded_log_with_its_fourth_topic_of_null() -> None:
    body = (PAYLOADS / "blockscout_getLogs_transfer_blocks_10712531_10712753.json").read_bytes()
    (row,) = parse_transfers(exchange(body)).to_pylist()
    assert (row["block_number"], row["log_index"], row["contract"]) == (10_712_731, 157, CONTRACT)
    assert (row["from_address"][:6], row["to_address"][:6]) == ("0x7780", "0x5dbc")
    assert row["value_raw"] == str(0x1E3F60028423CFF0000)


def test_both_legs_of_the_range_are_covered_by_one_page() -> None:
    rows = parse_ranges(exchange(envelope(log(FIRST)))).to_pylist()
    assert [(row["leg"], row["from_block"], row["to_block"], row["wallet_set"], row["logs"]) for row in rows] == [
        ("in", FIRST, LAST, "abc", 1),
        ("out", FIRST, LAST, "abc", 1),
    ]


def test_no_logs_found_is_an_answer_and_an_error_with_the_same_status_is_none() -> None:
    nothing = exchange(envelope(status="0", message="No logs found"))
    assert judge(nothing).outcome is Outcome.OK
    assert parse_page(nothing).last_block == LAST
    for message, outcome in (
        ("Max rate limit reached", Outcome.RATE_LIMITED),
        ("Something went wrong.", Outcome.BAD_PAYLOAD),
    ):
        refused = exchange({"message": message, "result": None, "status": "0"})
        assert judge(refused).outcome is outcome
        with pytest.raises(BadPayloadError, match="Blockscout refused"):
            parse_page(refused)


def test_the_last_block_of_a_full_page_is_left_to_the_next_one() -> None:
    page = parse_page(exchange(envelope(*(log(FIRST + n // 10, n % 10) for n in range(1000)))))
    assert (len(page.transfers), page.last_block) == (990, FIRST + 98)


def test_a_block_with_more_logs_than_a_page_is_no_answer() -> None:
    with pytest.raises(BadPayloadError, match="more logs than a page"):
        parse_page(exchange(envelope(*(log(FIRST, n) for n in range(1000)))))


def test_erc721_and_other_lengths_of_data_are_left_out() -> None:
    token_id = log(FIRST, topics=[TOPIC, "0x" + "0" * 64, "0x" + "0" * 64, "0x" + "0" * 64])
    assert parse_page(exchange(envelope(token_id, log(FIRST, 2, data="0x")))).transfers == ()


def test_a_log_index_of_zero_is_written_without_digits() -> None:
    (row,) = parse_page(exchange(envelope(log(FIRST, logIndex="0x")))).transfers
    assert row["log_index"] == 0


def test_amounts_beyond_64_bits_stay_exact() -> None:
    (row,) = parse_page(exchange(envelope(log(FIRST, amount=2**256 - 1)))).transfers
    assert row["value_raw"] == str(2**256 - 1)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (envelope(log(LAST + 1)), "not those of the blocks"),
        (envelope(log(FIRST + 1), log(FIRST)), "in order"),
        (envelope(log(FIRST, address="0x" + "9" * 40)), "not asked for"),
        (envelope(log(FIRST, blockNumber="0x1_0")), "not a hex quantity"),
        (b"<html>", "not a page of logs"),
        ({"status": "1", "result": "x", "message": "OK"}, "else than a list|not a page of logs"),
    ],
)
def test_anything_else_is_a_failure_that_says_why(body: Any, reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        parse_page(exchange(body))


def known(ranges: list[tuple[date, str, int]]) -> Known:
    """Two days with borders, and what the node covered."""
    blocks = [(date(2026, 1, 15), 100), (date(2026, 1, 16), 200), (date(2026, 1, 17), 300)]

    def read(sql: str) -> list[tuple[Any, ...]]:
        return blocks if "ethereum_blocks" in sql else ranges if "ethereum_ranges" in sql else []

    return Known(Night(date(2026, 1, 16)), NOW, read=read)


def test_only_contract_days_that_the_node_left_out_are_asked() -> None:
    contracts = reference.contracts("ethereum")
    covered = [(day, contract, 100) for day in (date(2026, 1, 15), date(2026, 1, 16)) for contract in contracts]
    dataset = transfers(catalogue.entry("blockscout", "transfers"))
    night = Night(date(2026, 1, 16))
    assert dataset.plan(night, known(covered)) == []
    partly = [(*covered[0][:2], 99), *covered[2:]]
    planned = dataset.plan(night, known(partly))
    assert [tuple(request.unit.split("/")[:2]) for request in planned] == [
        ("2026-01-15", contracts[0]),
        ("2026-01-15", contracts[1]),
    ]
    days = [request.unit.split("/")[0] for request in dataset.plan(night, known([]))]
    assert list(dict.fromkeys(days)) == ["2026-01-16", "2026-01-15"]
    assert (planned[0].params["fromBlock"], planned[0].params["toBlock"]) == ("100", "199")


def test_a_range_that_was_answered_twice_is_counted_once() -> None:
    """A day that failed is asked again in other ranges: 100 to 149, then 100 to 124 and 125 to 149, are 50 blocks."""
    day, contract = date(2026, 1, 15), reference.contracts("ethereum")[0]
    labels = wallet_set(reference.wallets("ethereum"))
    halves, whole = [(1, 100, 149), (2, 100, 124), (2, 125, 149)], [(3, 150, 199)]
    with duckdb.connect() as connection:
        raw.prepare(connection, RAW_TABLES)

        def asked(ranges: list[tuple[int, int, int]]) -> bool:
            for batch, first, last in ranges:
                for leg in ("in", "out"):
                    connection.execute(
                        "insert into raw.ethereum_ranges values (?, ?, ?, ?, ?, ?, 0, ?, ?, ?)",
                        [day, leg, contract, first, last, labels, batch, NOW, 0],
                    )

            def read(sql: str) -> list[tuple[Any, ...]]:
                blocks = [(day, 100), (date(2026, 1, 16), 200)]
                return blocks if "ethereum_blocks" in sql else connection.execute(sql).fetchall()

            night = Night(date(2026, 1, 16))
            plan = transfers(catalogue.entry("blockscout", "transfers")).plan(night, Known(night, NOW, read=read))
            return contract in {request.unit.split("/")[1] for request in plan}

        assert asked(halves)
        assert not asked(whole)


def fetched(answers: Callable[[Request], Any]) -> list[Exchange]:
    dataset = transfers(catalogue.entry("blockscout", "transfers"))

    def send(request: Request) -> Exchange:
        return judge(Exchange(request, Outcome.OK, NOW, 200, body=json.dumps(answers(request)).encode()))

    return list(dataset.fetch(exchange(b"").request, send, Known(Night(date(2026, 1, 16)), NOW)))


def test_an_indexer_that_is_behind_is_not_asked_for_logs() -> None:
    (head,) = fetched(lambda request: {"result": hex(LAST - 1)})
    assert (head.outcome, head.error) == (Outcome.NOT_YET, f"the indexer is at block {LAST - 1}")


def test_pages_follow_each_other_by_blocks_until_the_day_is_over() -> None:
    def answers(request: Request) -> Any:
        if request.kind == "head":
            return {"result": str(LAST)}
        start = int(request.params["fromBlock"])
        logs = [log(FIRST + n // 10, n % 10) for n in range(1500) if FIRST + n // 10 >= start]
        return envelope(*logs[:1000])

    head, *pages = fetched(answers)
    assert head.outcome is Outcome.OK
    assert [page.request.params["fromBlock"] for page in pages] == [str(FIRST), str(FIRST + 99)]
    keys = [(row["block_number"], row["log_index"]) for page in pages for row in parse_page(page).transfers]
    assert len(keys) == len(set(keys)) == 1500


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json(envelope(log(FIRST), log(FIRST + 1))))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    asked = exchange(spoiled)
    judge(asked)
    for parse in (parse_transfers, parse_ranges):
        with contextlib.suppress(BadPayloadError):
            parse(asked)
