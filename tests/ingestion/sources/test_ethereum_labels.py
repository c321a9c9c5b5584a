"""Labels that change between nights: which days are asked again; none counts for wallets it was not asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from ingestion import catalogue
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.ethereum.dataset import transfers
from ingestion.sources.registry.dataset import wallets
from ingestion.warehouse import raw
from tests.ingestion.faults.server import Asked, Provider, Reply, provider

ADDED = "ab" * 20
LISTED = f"address,exchange,label,chain,source,known_from\n0x{ADDED},okx,OKX 1,ethereum,proof of reserves,2025-11-01\n"
HOUR = [datetime(2026, 1, day, tzinfo=UTC) for day in range(14, 20)]
# Three days back, all contracts in one request: a night asks two legs of each day.
ENTRY = catalogue.entry("ethereum", "transfers").over(3).model_copy(update={"group": 1_000, "workers": 1})
DATASETS = (wallets(catalogue.entry("registry", "wallets")), transfers(ENTRY))


class Node:
    """A node on a real socket that has no logs, and that refuses everything once it has answered so many."""

    def __init__(self, served: Provider) -> None:
        self.url = served.url
        self.answers = 1_000
        self.asked: list[str] = []
        served.serve = self._answer

    def _answer(self, asked: Asked) -> Reply:
        body = json.loads(asked.json_body)
        if body["method"] == "eth_blockNumber":
            return Reply(body=json.dumps({"jsonrpc": "2.0", "id": 1, "result": hex(10_000)}).encode())
        if self.answers == 0:
            return Reply(451)
        self.answers -= 1
        first = int(body["params"][0]["fromBlock"], 16)
        self.asked.append(f"{14 + first // 100 - 10} {'in' if body['params'][0]['topics'][1] is None else 'out'}")
        return Reply(body=json.dumps({"jsonrpc": "2.0", "id": 1, "result": []}).encode())


@pytest.fixture
def node() -> Iterator[Node]:
    with provider() as served:
        yield Node(served)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home that knows where six days begin: the 14th of January 2026 at block 1,000, each later one 100 on."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        raw.prepare(connection, catalogue.RAW_TABLES)
        connection.executemany(
            "insert into raw.ethereum_blocks values (?, ?, ?, 0, ?, 1)",
            [(moment.date(), 1_000 + 100 * place, moment, moment) for place, moment in enumerate(HOUR)],
        )
    return Home(home=tmp_path)


def asked_on(day: int, home: Home, node: Node) -> list[str]:
    """The night of this day of January: which days and legs the node was asked for, in order."""
    node.asked.clear()
    night = Night(date(2026, 1, day))
    collect_night(home, night, DATASETS, ProviderUrls(ethereum_url=node.url), lambda: night.as_of)
    return list(node.asked)


def whole_days(home: Home) -> list[list[int]]:
    """The days asked in both legs, for each set of wallets that anything was asked for, the first set first."""
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        rows = connection.execute("""
            select wallet_set, day(day) from (
                select wallet_set, day, min(_batch_id) as batch from raw.ethereum_ranges
                group by all having count(distinct leg) = 2)
            order by min(batch) over (partition by wallet_set), day""").fetchall()
    found: dict[str, list[int]] = {}
    for labels, day in rows:
        found.setdefault(labels, []).append(day)
    return list(found.values())


def test_an_interrupted_history_for_more_wallets_goes_on_where_it_stopped(home: Home, node: Node) -> None:
    assert asked_on(16, home, node) == ["16 in", "16 out", "15 in", "15 out", "14 in", "14 out"]
    (home.home / "wallets.csv").write_text(LISTED)
    node.answers = 3
    assert asked_on(17, home, node) == ["17 in", "17 out", "16 in"]
    assert whole_days(home) == [[14, 15, 16], [17]]
    node.answers = 1_000
    assert asked_on(17, home, node) == ["16 out", "15 in", "15 out"]
    assert whole_days(home) == [[14, 15, 16], [15, 16, 17]]
    assert asked_on(17, home, node) == []


def test_labels_that_go_back_ask_only_the_days_that_were_not_asked_for_them(home: Home, node: Node) -> None:
    asked_on(16, home, node)
    (home.home / "wallets.csv").write_text(LISTED)
    assert Counter(text.split()[0] for text in asked_on(17, home, node)) == {"15": 2, "16": 2, "17": 2}
    (home.home / "wallets.csv").unlink()
    assert asked_on(18, home, node) == ["18 in", "18 out", "17 in", "17 out"]
    assert whole_days(home) == [[14, 15, 16, 17, 18], [15, 16, 17]]
