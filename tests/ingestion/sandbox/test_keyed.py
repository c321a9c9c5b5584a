"""The providers with a key answer those who send one, in their own shapes, and refuse the others as they do."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sandbox_client import LAST_DAY, Client

CRYPTOQUANT, GLASSNODE = "/cryptoquant/erc20", "/glassnode/transactions"
NETFLOW = f"{CRYPTOQUANT}/exchange-flows/netflow"
NET = f"{GLASSNODE}/transfers_volume_exchanges_net"
BTC = {"token": "btc", "exchange": "all_exchange"}
BEARER, KEY = {"Authorization": "Bearer k"}, {"X-Api-Key": "k"}


def ask(sandbox: Client, path: str, headers: dict[str, str], **params: str) -> requests.Response:
    return requests.get(sandbox.base + path, params=params, headers=headers, timeout=30)


@pytest.mark.parametrize(
    ("path", "headers", "params", "status"),
    [
        (NETFLOW, {}, BTC, 401),
        (NETFLOW, {"Authorization": "Bearer "}, BTC, 401),
        (NETFLOW, {"Authorization": "k"}, BTC, 401),
        (f"{CRYPTOQUANT}/status/entity-list", {}, BTC, 401),
        (f"{CRYPTOQUANT}/status/entity-list", BEARER, {"token": "nosuch"}, 400),
        (NETFLOW, BEARER, BTC | {"token": "nosuch"}, 400),
        (NETFLOW, BEARER, BTC | {"window": "hour"}, 403),
        (NETFLOW, BEARER, BTC | {"from": "2026-01-01"}, 400),
        (f"{CRYPTOQUANT}/exchange-flows/price", BEARER, BTC, 400),
    ],
)
def test_cryptoquant_refuses_with_the_status_in_the_envelope_too(
    sandbox: Client, path: str, headers: dict[str, str], params: dict[str, str], status: int
) -> None:
    answer = ask(sandbox, path, headers, **params)
    assert (answer.status_code, answer.json()["status"]["code"]) == (status, status)


@pytest.mark.parametrize(
    ("headers", "params", "status"),
    [
        ({}, {"a": "BTC", "e": "all_exchange"}, 401),
        (KEY, {"a": "NOSUCH", "e": "binance"}, 404),
        (KEY, {"a": "BTC", "e": "all_exchange", "i": "1h"}, 400),
        (KEY, {"a": "BTC", "e": "all_exchange", "s": "yesterday"}, 400),
    ],
)
def test_glassnode_refuses_in_a_line_of_text(
    sandbox: Client, headers: dict[str, str], params: dict[str, str], status: int
) -> None:
    answer = ask(sandbox, NET, headers, **params)
    assert answer.status_code == status
    assert answer.text
    assert not answer.text.startswith(("{", "["))


def test_cryptoquant_gives_the_newest_hundred_days_unless_it_is_asked_for_more(sandbox: Client) -> None:
    def days(**params: str) -> list[str]:
        result: dict[str, Any] = ask(sandbox, NETFLOW, BEARER, **BTC, **params).json()["result"]
        assert result["window"] == "day"
        return [row["date"] for row in result["data"]]

    newest = days()
    assert (len(newest), newest[0], newest) == (100, str(LAST_DAY), sorted(newest, reverse=True))
    assert days(**{"from": "20260110", "to": "20260112"}) == ["2026-01-12", "2026-01-11", "2026-01-10"]
    assert len(days(limit="300")) == 300


def test_the_three_flows_agree_and_what_was_known_then_lacks_a_part_of_the_inflow(sandbox: Client) -> None:
    def values(path: str) -> list[float]:
        found = ask(sandbox, path, KEY, a="BTC", e="all_exchange", s="1767225600").json()
        return [point["v"] for point in found]

    net, arrived, left = (values(f"{GLASSNODE}/transfers_volume_{name}") for name in (
        "exchanges_net", "to_exchanges_sum", "from_exchanges_sum"))  # fmt: skip
    assert len(net) == 16  # 2026-01-01 to the last day
    assert net == pytest.approx([i - o for i, o in zip(arrived, left, strict=True)])
    then = values(f"{GLASSNODE}/transfers_volume_to_exchanges_sum_pit")
    assert then == pytest.approx([i * 63 / 64 for i in arrived])
