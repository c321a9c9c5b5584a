"""Ethereum's JSON-RPC: recorded answers, what nodes say when they say no, and each trap by name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from bodies import spoiled_json
from hypothesis import HealthCheck, given, settings

from ingestion import catalogue
from ingestion.collect import Known
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import outcome_of_status
from ingestion.night import Night
from ingestion.sources.ethereum.dataset import TransfersQuery, transfers
from ingestion.sources.ethereum.parse import is_too_wide, judge, parse_block, parse_ranges, parse_transfers
from ingestion.sources.ethereum.reach import SMALLEST_RANGE, Reach

PAYLOADS = Path(__file__).parents[4] / "shared" / "real" / "payloads" / "ethereum"
recorded = pytest.mark.skipif(not PAYLOADS.is_dir(), reason="the recorded payloads are not beside this checkout")
NOW = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
CONTRACT = "0xf4eced2f682ce333f96f2d8966c613ded8fc95dd"
SENDER, WALLET = "0x1b63142628311395ceafeea5667e7c9026c862ca", "0xac4df82fe37ea2187bc8c011a23d743b4f39019a"
TOPIC = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
BLOCK = 483_920
# The recorded log of the provider notes.
LOG = {
    "address": CONTRACT,
    "blockHash": "0x246edb4b351d93c27926f4649bcf6c24366e2a7c7c718dc9158eea20c03bc6ae",
    "blockNumber": "0x76250",
    "data": "0x00000000000000000000000000000000000000000000000000000000000186a0",
    "logIndex": "0x0",
    "topics": [TOPIC, f"0x{SENDER[2:]:0>64}", f"0x{WALLET[2:]:0>64}"],
    "transactionHash": "0x04cbcb236043d8fb7839e07bbc7f5eed692fb2ca55d897f1101eac3e3ad4fab8",
    "transactionIndex": "0x0",
    "transactionLogIndex": "0x0",
    "type": "mined",
}
QUERY = TransfersQuery(date(2026, 1, 16), "in", "00-abc", (CONTRACT,), (WALLET,), BLOCK, BLOCK + 999)


def answer(result: Any, status: int = 200, request: Request | None = None) -> Exchange:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode()
    return Exchange(request or QUERY.request(), Outcome.OK, NOW, status, body=body)


def refusal(message: str, code: int = -32000, status: int = 200, outcome: Outcome = Outcome.OK) -> Exchange:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "error": {"code": code, "message": message}}).encode()
    return Exchange(QUERY.request(), outcome, NOW, status, body=body)


def rows(*logs: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = parse_transfers(answer(list(logs))).to_pylist()
    return found


def test_the_recorded_log_is_decoded_as_the_notes_say() -> None:
    (row,) = rows(LOG)
    assert (row["block_number"], row["value_raw"], row["from_address"], row["to_address"]) == (
        *(BLOCK, "100000", SENDER, WALLET),
    )


@recorded
def test_a_recorded_page_of_logs_agrees_with_itself() -> None:
    body = (PAYLOADS / "jsonrpc_eth_getLogs_transfer_blocks_10773651_10773653.json").read_bytes()
    logs = json.loads(body)["result"]
    contracts = sorted({log["address"].lower() for log in logs})
    asked = {"fromBlock": "0xa46493", "toBlock": "0xa46495", "address": contracts, "topics": [TOPIC, None, None]}
    request = Request("2020-09-01/in/00", "", json_body={"params": [asked]})
    found = parse_transfers(Exchange(request, Outcome.OK, NOW, 200, body=body)).to_pylist()
    plain = [log for log in logs if len(log["topics"]) == 3 and len(log["data"]) == 66]
    assert len(found) == len(plain) == 2
    assert {(row["transaction_hash"], row["log_index"]) for row in found} == {
        (log["transactionHash"], int(log["logIndex"], 16)) for log in plain
    }


@recorded
def test_the_recorded_refusal_of_a_wide_range_under_http_200() -> None:
    body = (PAYLOADS / "jsonrpc_eth_getLogs_error.json").read_bytes()
    found = judge(Exchange(QUERY.request(), Outcome.OK, NOW, 200, body=body))
    assert is_too_wide(found)


@pytest.mark.parametrize(
    ("message", "outcome", "wide"),
    [
        ("query returned more than 10000 results", Outcome.BAD_REQUEST, True),
        ("daily request count exceeded, request rate limited", Outcome.RATE_LIMITED, False),
        ("limit exceeded", Outcome.RATE_LIMITED, False),
        ("exceeded the compute units per second capacity", Outcome.RATE_LIMITED, False),
    ],
)
def test_minus_32005_means_too_many_rows_or_too_fast_by_its_text(message: str, outcome: Outcome, wide: bool) -> None:
    found = judge(refusal(message, -32005))
    assert (found.outcome, is_too_wide(found)) == (outcome, wide)


@pytest.mark.parametrize(
    "message",
    [
        "exceed maximum block range: 50000",
        "ranges over 10000 blocks are not supported on freetier",
        "eth_getLogs is limited to a 1000 blocks range",
        "range 1000000 exceeds limit of 10000",
        "query exceeds max results 20000, retry with the range 1-2",
        "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range",
        "query timeout exceeded",
    ],
)
def test_every_documented_word_for_a_wide_range_is_understood(message: str) -> None:
    assert is_too_wide(judge(refusal(message)))


def test_a_refusal_in_unknown_words_is_taken_for_a_range_where_its_code_is_one_for_ranges() -> None:
    assert is_too_wide(judge(refusal("please ask for less", -32602)))
    assert is_too_wide(judge(refusal("please ask for less", -32602, 400, Outcome.BAD_REQUEST)))
    for message, code in (("the method eth_getLogs does not exist", -32601), ("daily quota reached", -32005)):
        unknown = judge(refusal(message, code))
        assert (unknown.outcome, is_too_wide(unknown)) == (Outcome.BAD_PAYLOAD, False)


@pytest.mark.parametrize("status", [401, 403, 429, 503])
@pytest.mark.parametrize("code", [-32005, -32602, -32701, 30, 35])
def test_a_status_that_says_to_stay_away_is_not_a_range_whatever_the_code(status: int, code: int) -> None:
    """A narrower range would be asked at once, without the pause or the end that the status calls for."""
    said = outcome_of_status(status)
    found = judge(refusal("daily quota reached", code, status, said))
    assert (found.outcome, is_too_wide(found)) == (said, False)


@pytest.mark.parametrize("status", [401, 403, 418, 429, 451])
@pytest.mark.parametrize(
    "message",
    ["You are limited to a rate of 10 requests a second", "archive calls are limited to a few", "rate range limit hit"],
)
def test_a_status_that_says_to_stay_away_is_not_a_range_whatever_the_words(status: int, message: str) -> None:
    found = judge(refusal(message, -32005, status, outcome_of_status(status)))
    assert not is_too_wide(found)
    if status in {418, 429}:
        assert found.outcome is Outcome.RATE_LIMITED


@pytest.mark.parametrize("message", ["Archive requests require a personal token", "missing trie node 0xab"])
def test_a_pruned_node_is_blocked_and_not_asked_again(message: str) -> None:
    assert judge(refusal(message)).outcome is Outcome.BLOCKED


@pytest.mark.parametrize("body", [b'{"jsonrpc":"2.0","id":1,"result":null}', b"<html>", b"[]", b'{"id":1}'])
def test_an_error_is_never_an_empty_list(body: bytes) -> None:
    found = judge(Exchange(QUERY.request(), Outcome.OK, NOW, 200, body=body))
    assert found.outcome is Outcome.BAD_PAYLOAD


def test_no_transfer_is_an_answer_that_covers_its_range() -> None:
    assert rows() == []
    (covered,) = parse_ranges(answer([])).to_pylist()
    assert (covered["leg"], covered["from_block"], covered["to_block"], covered["logs"]) == (
        "in",
        BLOCK,
        BLOCK + 999,
        0,
    )


def test_an_amount_beyond_64_bits_stays_exact() -> None:
    (row,) = rows(LOG | {"data": "0x" + "f" * 64})
    assert row["value_raw"] == str(2**256 - 1)


@pytest.mark.parametrize(
    "change",
    [
        {"topics": [*LOG["topics"], "0x" + "0" * 64]},
        {"removed": True},
        {"data": "0x"},
    ],
    ids=["an ERC-721 with its fourth topic", "removed by a reorganisation", "data of another length"],
)
def test_what_is_no_standing_erc20_transfer_is_left_out(change: dict[str, Any]) -> None:
    assert rows(LOG | change) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"blockNumber": hex(BLOCK + 1000)}, "not asked for"),
        ({"address": "0x" + "9" * 40}, "not asked for"),
        ({"topics": [TOPIC, LOG["topics"][2], LOG["topics"][1]]}, "not asked for"),
        ({"logIndex": 5}, "not a hex quantity"),
        ({"blockNumber": "0x76_250"}, "not a hex quantity"),
        ({"transactionHash": "0x" + "g" * 64}, "not 64 hex digits"),
    ],
)
def test_a_log_that_nobody_asked_for_spoils_the_answer(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadPayloadError, match=reason):
        rows(LOG | change)


def fetched(node: Callable[[int, int], Exchange], blocks: int = 1000, head: int = 2**30) -> list[Exchange]:
    """What is asked for a range when the node answers so."""
    dataset = transfers(catalogue.entry("ethereum", "transfers"))
    query = replace(QUERY, last_block=QUERY.first_block + blocks - 1)

    def send(request: Request) -> Exchange:
        body: Any = request.json_body
        if body["method"] == "eth_blockNumber":
            return answer(hex(head), request=request)
        (asked,) = body["params"]
        exchange = node(int(asked["fromBlock"], 16), int(asked["toBlock"], 16))
        return judge(replace(exchange, request=request))

    return list(dataset.fetch(query.request(), send, Known(Night(date(2026, 1, 16)), NOW)))


def test_the_newest_day_is_asked_first_so_that_last_night_does_not_wait_for_a_history_asked_again() -> None:
    entry = catalogue.entry("ethereum", "transfers").over(3)
    midnights = [(date(2026, 1, 14 + day), 1_000 + day * 100) for day in range(4)]
    known = Known(Night(date(2026, 1, 16)), NOW, read=lambda sql: midnights if "ethereum_blocks" in sql else [])
    units = [request.unit.split("/")[0] for request in transfers(entry).plan(known.night, known)]
    assert list(dict.fromkeys(units)) == ["2026-01-16", "2026-01-15", "2026-01-14"]
    assert units == sorted(units, reverse=True)


def sizes(exchanges: list[Exchange]) -> list[tuple[int, Outcome]]:
    found = []
    for exchange in exchanges[1:]:
        body: Any = exchange.request.json_body
        (asked,) = body["params"]
        found.append((int(asked["toBlock"], 16) - int(asked["fromBlock"], 16) + 1, exchange.outcome))
    return found


def test_a_range_that_is_too_wide_is_halved_until_it_fits_and_the_whole_is_covered() -> None:
    def node(first: int, last: int) -> Exchange:
        return answer([]) if last - first < 250 else refusal("block range is too wide")

    asked = sizes(fetched(node))
    assert asked[:3] == [(1000, Outcome.BAD_REQUEST), (500, Outcome.BAD_REQUEST), (250, Outcome.OK)]
    assert sum(size for size, outcome in asked if outcome is Outcome.OK) == 1000


def test_after_a_dense_spell_the_range_grows_back_to_what_it_was() -> None:
    """A busy hour halves what is asked at once; the months after it are not asked in pieces of it."""
    reach = Reach(10_000)
    for refused in (10_000, 5_000, 2_500):
        reach.narrow(refused)
    assert reach.blocks == 1_250
    asked = 0
    while reach.blocks < 10_000:
        reach.widen(reach.blocks)
        asked += 1
    assert asked == 6 * 32  # six times half as much again, each after a row of 32
    reach.widen(10_000)
    assert reach.blocks == 10_000


def test_a_limit_that_four_threads_run_into_at_once_is_one_refusal() -> None:
    one, four = Reach(10_000), Reach(10_000)
    one.narrow(10_000)
    for _ in range(4):
        four.narrow(10_000)
    answers = 0
    while one.blocks < 10_000:
        for reach in (one, four):
            reach.widen(reach.blocks)
        answers += 1
        assert four.blocks == one.blocks
    assert answers == 2 * 8  # twice half as much again, each after a row of 8


def test_what_remained_of_a_day_does_not_widen_the_range() -> None:
    reach = Reach(1_000)
    reach.narrow(1_000)
    for _ in range(100):
        reach.widen(499)
    assert reach.blocks == 500


def test_a_limit_that_never_moves_costs_one_request_in_sixty_four() -> None:
    reach, refusals, answers = Reach(10_000), 0, 0
    while answers < 6_400:
        if reach.blocks > 1_000:
            reach.narrow(reach.blocks)
            refusals += 1
        else:
            reach.widen(reach.blocks)
            answers += 1
    assert refusals <= 110
    assert reach.blocks > 300


def test_a_range_limit_that_repeats_whatever_is_asked_ends() -> None:
    """A suggested range can equal the refused one, so it is not followed, and the halving has a floor."""
    asked = sizes(fetched(lambda *_: refusal("query exceeds max results 20000, retry with the range 483920-484919")))
    assert [size for size, _ in asked] == [1000, 500, 250, 125, 62, SMALLEST_RANGE]
    assert asked[-1][1] is Outcome.BAD_REQUEST


def test_a_node_that_is_behind_is_not_asked_for_logs() -> None:
    (only,) = fetched(lambda *_: answer([]), head=BLOCK)
    assert (only.outcome, only.error) == (Outcome.NOT_YET, f"the node is at block {BLOCK}")


def test_a_move_between_two_wallets_comes_in_both_legs_under_one_key() -> None:
    """Raw keeps it once, because its key is the transaction and the log."""
    both = replace(QUERY, wallets=(WALLET, SENDER))
    legs = [
        parse_transfers(answer([LOG], request=replace(both, leg=leg).request())).to_pylist() for leg in ("in", "out")
    ]
    assert legs[0] == legs[1]


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
@given(spoiled_json({"jsonrpc": "2.0", "id": 1, "result": [LOG, LOG]}))
def test_a_thousand_bodies_give_rows_or_our_error(spoiled: bytes) -> None:
    exchange = Exchange(QUERY.request(), Outcome.OK, NOW, 200, body=spoiled)
    judge(exchange)
    for parse in (parse_transfers, parse_ranges):
        with contextlib.suppress(BadPayloadError):
            parse(exchange)
    with contextlib.suppress(BadPayloadError):
        parse_block(spoiled)
