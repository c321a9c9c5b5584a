"""Netflow from the chain to the model: an indexer stands in for a node, an operator's labels revise flows."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import duckdb
import pytest

from ingestion import catalogue, reference
from ingestion.catalogue import RAW_TABLES
from ingestion.collect import Collected, Dataset
from ingestion.exchange import Outcome
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox import server
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_reserves import dataset as binance_reserves
from ingestion.sources.blockscout import dataset as blockscout
from ingestion.sources.ethereum import dataset as ethereum
from ingestion.sources.registry import dataset as registry
from ingestion.warehouse import raw
from orchestration.nights import newest_vintage
from orchestration.transform import Dbt
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate_layer
from orchestration.validation.suites import suite_of
from tests.ingestion.faults.server import Reply, provider

NIGHT, LATER = Night(date(2026, 1, 16)), Night(date(2026, 1, 17))
DAYS = (date(2026, 1, 15), date(2026, 1, 16))
LINK = "0x514910771af9ca656af840dff83e8264ecf986ca"
FIRST, SECOND = reference.wallets("ethereum")[:2]
NEW, OKX, CUSTOMER, ZERO = "0x" + "ab" * 20, "0x" + "cd" * 20, "0x" + "77" * 20, "0x" + "0" * 40
# Tokens a day: what each move is depends on who is labelled.
MOVES = [(CUSTOMER, FIRST, 50), (SECOND, CUSTOMER, 20), (FIRST, SECOND, 10), (ZERO, FIRST, 7), (CUSTOMER, NEW, 8),
         (NEW, FIRST, 5), (OKX, FIRST, 30)]  # fmt: skip
LIST = f"address,exchange,label,chain,source,known_from\n{OKX},okx,okx 1,ethereum,proof of reserves,2026-01-17\n"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A chain on which every day is like the other."""
    folder = tmp_path_factory.mktemp("market")
    start, block = datetime(2026, 1, 13, tzinfo=UTC), 24_000_000
    lines = ["block_number,block_time,contract,from_address,to_address,value_raw,tx_hash,log_index"]
    for day in range(6):
        for number, (sender, receiver, tokens) in enumerate(MOVES):
            at, moment = block + day * 7200 + number * 600, start + timedelta(days=day, seconds=number * 7200)
            row = (at, moment.isoformat(), LINK, sender, receiver, tokens * 10**18, f"0x{at:064x}", number)
            lines.append(",".join(map(str, row)))
    (folder / "token_transfers.csv").write_text("\n".join(lines) + "\n")
    with server.serve(folder, LATER.day) as base:
        yield base


class WithoutLogs(BaseHTTPRequestHandler):
    """A node that answers everything but `eth_getLogs`, as those do that sell their archive."""

    base: str

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if json.loads(body)["method"] == "eth_getLogs":
            error = {"code": -32602, "message": "Archive requests require a personal token"}
            answer = json.dumps({"jsonrpc": "2.0", "id": 1, "error": error}).encode()
        else:
            with urllib.request.urlopen(f"{self.base}/ethereum", body) as response:  # noqa: S310 - our own sandbox
                answer = response.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def without_logs(sandbox: str) -> Iterator[str]:
    node = ThreadingHTTPServer(("127.0.0.1", 0), type("Node", (WithoutLogs,), {"base": sandbox}))
    Thread(target=node.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{node.server_port}"
    node.shutdown()
    node.server_close()


def datasets() -> list[Dataset]:
    """The datasets of the chain over the last two days."""
    builders = {
        ("registry", "wallets"): registry.wallets,
        ("binance_reserves", "addresses"): binance_reserves.addresses,
        ("ethereum", "blocks"): ethereum.blocks,
        ("ethereum", "transfers"): ethereum.transfers,
        ("blockscout", "transfers"): blockscout.transfers,
    }
    return [build(catalogue.entry(*key).over(len(DAYS))) for key, build in builders.items()]


def collect(
    home: Home, sandbox: str, night: Night = NIGHT, *, node: str | None = None, reserves: str | None = None
) -> dict[str, Collected]:
    urls = ProviderUrls(
        ethereum_url=node or f"{sandbox}/ethereum",
        blockscout_url=f"{sandbox}/blockscout",
        binance_reserves_url=reserves or f"{sandbox}/binance_reserves",
    )
    found = collect_night(home, night, datasets(), urls, lambda: night.as_of, sleep=lambda _seconds: None)
    return {f"{each.source}/{each.dataset}": each for each in found}


def flows(home: Home, columns: str, symbol: str = "LINK", night: Night = NIGHT) -> list[tuple[Any, ...]]:
    """Flows of the two days up to a night, from the model built anew; its suite passes, the reserve identity in it."""
    with duckdb.connect(str(home.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    results = Dbt(home).build(["+int_daily_netflow"], newest_vintage(home))
    assert [f"{each.unique_id}: {each.message}" for each in results if not each.ok] == []
    suites = [suite_of("intermediate", name) for name in ("int_netflow_coverage", "int_daily_netflow")]
    for suite in validate_layer(home.warehouse, suites, Run("run", night.day, night.as_of)):
        assert [(rule.name, rule.message) for rule in suite.results if rule.status != "passed"] == []
    with duckdb.connect(str(home.warehouse)) as connection:
        return connection.execute(
            f"select date, exchange, {columns} from intermediate.int_daily_netflow "
            "where symbol = ? and date > ? order by date, exchange",
            [symbol, night.day - timedelta(days=len(DAYS))],
        ).fetchall()


@pytest.mark.slow
def test_the_indexer_stands_in_for_a_node_without_logs_and_gives_the_same_flows(
    tmp_path: Path, sandbox: str, without_logs: str
) -> None:
    columns = "inflow, outflow, internal, excluded, netflow, reserve_change, coverage"
    whole, refused = Home(home=tmp_path / "whole"), Home(home=tmp_path / "refused")
    found = collect(whole, sandbox)
    assert dict(found["blockscout/transfers"].outcomes) == {}
    expected = flows(whole, f"{columns}, provider")
    assert expected == [(day, "binance", 85, 20, 10, 7, 65, 72, 1, "ethereum") for day in DAYS]

    found = collect(refused, sandbox, node=without_logs)
    assert Outcome.OK not in found["ethereum/transfers"].outcomes
    asked = found["blockscout/transfers"].outcomes
    assert asked == {Outcome.OK: len(DAYS), Outcome.EMPTY: len(DAYS) * (len(reference.contracts("ethereum")) - 1)}
    assert flows(refused, f"{columns}, provider") == [(*row[:-1], "blockscout") for row in expected]
    assert flows(refused, "coverage, netflow", "UNI") == [(day, "binance", 1, 0) for day in DAYS]


@pytest.mark.slow
def test_new_labels_ask_the_history_again_and_count_then_from_the_day_they_were_public(
    tmp_path: Path, sandbox: str
) -> None:
    """OKX's wallet, of the operator's list, was public on the second day; Binance published its own a day later."""
    home = Home(home=tmp_path)
    first = collect(home, sandbox)
    columns = "inflow, outflow, internal, cross_exchange, netflow, netflow_pit, wallet_set"
    before = flows(home, columns)
    assert [row[2:-1] for row in before] == [(85, 20, 10, 0, 65, 65)] * 2

    (tmp_path / "wallets.csv").write_text(LIST)
    published = {"network": "ETH", "address": NEW, "thirdPartyCustodianName": ""}
    with provider() as binance:
        binance.serve = lambda _asked: Reply(body=json.dumps({"code": "000000", "data": [published]}).encode())
        again = collect(home, sandbox, LATER, reserves=binance.url)
    assert again["ethereum/transfers"].outcomes == first["ethereum/transfers"].outcomes  # whole days, the old one too
    after = flows(home, columns, night=LATER)
    # Of the 50 + 8 from outside, 8 came to the new wallet, which nobody knew to be one then; its 5 are internal now and
    # were a deposit then; 30 came from the other exchange, which nobody knew on the 16th.
    assert [(row[0].day, *row[1:-1]) for row in after] == [
        (16, "binance", 58, 20, 15, 30, 38, 65),
        (16, "okx", 0, 0, 0, -30, 0, 0),
        (17, "binance", 58, 20, 15, 30, 38, 35),
        (17, "okx", 0, 0, 0, -30, 0, 0),
    ]
    assert {row[-1] for row in after}.isdisjoint({row[-1] for row in before})
