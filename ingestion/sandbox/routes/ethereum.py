"""An Ethereum node over `token_transfers`: block number, block by number, and Transfer logs.

A market knows blocks only where a transfer is: times between two of them are interpolated on the 12-second grid, the
same for every last day. The head is 00:30 UTC of the day after, `finalized` 15 minutes behind: a client finds the end
of the last day, and no log is later than it. Without the file this is a node without a chain: head 0x0, no logs.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ingestion.sandbox.files import FILES
from ingestion.sandbox.market import Market
from ingestion.sandbox.routes.wire import Routes

_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_SLOT_SECONDS = 12
_HEAD_AFTER, _FINALIZED_AFTER = timedelta(minutes=30), timedelta(minutes=15)
_LARGEST_RANGE, _MOST_ROWS = 10_000, 10_000
_BUCKET, _BUCKETS_KEPT = 50_000, 16
_GENESIS_SECONDS = 1438269973
_TOPICS_OF_A_TRANSFER = 3


class _Failed(Exception):  # noqa: N818 - an answer, not a failure
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class _Anchor:
    block: int
    seconds: int


class Chain:
    """Block numbers and times, from the blocks that the market knows."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._buckets: OrderedDict[int, list[_Anchor]] = OrderedDict()
        first, last = market.rows(
            "SELECT min((block_number, epoch(block_time))), max((block_number, epoch(block_time)))"
            " FROM token_transfers_uncut"
        )[0]
        self.exists = first is not None
        self._first = _Anchor(int(first[0]), int(first[1])) if first else _Anchor(0, _GENESIS_SECONDS)
        self._last = _Anchor(int(last[0]), int(last[1])) if last else self._first
        self.head = self._last_before(market.midnight + _HEAD_AFTER) if self.exists else 0
        self.finalized = self._last_before(market.midnight + _FINALIZED_AFTER) if self.exists else 0

    def seconds(self, block: int) -> int:
        """The time of a block, unix seconds."""
        if block <= self._first.block:
            return self._first.seconds - (self._first.block - block) * _SLOT_SECONDS
        if block >= self._last.block:
            return self._last.seconds + (block - self._last.block) * _SLOT_SECONDS
        anchors = self._anchors(block // _BUCKET)
        at = _last_at_or_before(anchors, block)
        low = anchors[at]
        if low.block == block:
            return low.seconds
        high = anchors[at + 1]
        slots = (high.seconds - low.seconds) // _SLOT_SECONDS
        return low.seconds + _SLOT_SECONDS * ((block - low.block) * slots // (high.block - low.block))

    def _last_before(self, moment: datetime) -> int:
        low, high = 0, self._last.block + 10**8
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.seconds(middle) < moment.timestamp() else (low, middle - 1)
        return low

    def _anchors(self, bucket: int) -> list[_Anchor]:
        """The known blocks of one bucket and the nearest on either side of it."""
        if bucket not in self._buckets:
            rows = self._market.rows(
                "SELECT DISTINCT block_number, CAST(epoch(block_time) AS BIGINT) FROM token_transfers_uncut"
                " WHERE block_number BETWEEN"
                " (SELECT coalesce(max(block_number), $low) FROM token_transfers_uncut WHERE block_number < $low)"
                " AND (SELECT coalesce(min(block_number), $high) FROM token_transfers_uncut WHERE block_number > $high)"
                " ORDER BY 1",
                low=bucket * _BUCKET,
                high=(bucket + 1) * _BUCKET - 1,
            )
            self._buckets[bucket] = [_Anchor(*row) for row in rows]
            if len(self._buckets) > _BUCKETS_KEPT:
                self._buckets.popitem(last=False)
        return self._buckets[bucket]


def routes(market: Market) -> Routes:
    chain = Chain(market)
    methods: dict[str, Callable[[list[Any]], Any]] = {
        "eth_blockNumber": lambda _: hex(chain.head),
        "eth_getBlockByNumber": lambda params: _block(chain, params),
        "eth_getLogs": lambda params: _logs(market, chain, params),
    }

    async def call(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
            method, params, identity = body["method"], body.get("params") or [], body.get("id")
        except (ValueError, TypeError, KeyError, AttributeError):
            return _failure(None, -32600, "invalid request")
        if method not in methods:
            return _failure(identity, -32601, f"the method {method} does not exist/is not available")
        try:
            result = methods[method](params)
        except _Failed as failed:
            return _failure(identity, failed.code, str(failed))
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            return _failure(identity, -32602, f"invalid argument: {error}")
        return JSONResponse({"jsonrpc": "2.0", "id": identity, "result": result})

    return {"": call, "/": call}


def _failure(identity: Any, code: int, message: str) -> Response:
    return JSONResponse({"jsonrpc": "2.0", "id": identity, "error": {"code": code, "message": message}})


def _number(chain: Chain, tag: str) -> int:
    named = {"latest": chain.head, "pending": chain.head, "finalized": chain.finalized, "safe": chain.finalized}
    return named[tag] if tag in named else 0 if tag == "earliest" else int(tag, 16)


def _block(chain: Chain, params: list[Any]) -> dict[str, Any] | None:
    number = _number(chain, params[0])
    if number > chain.head or number < 0:
        return None
    seconds = chain.seconds(number)
    return {
        "number": hex(number),
        "hash": _hash(number),
        "parentHash": _hash(number - 1),
        "timestamp": hex(max(seconds, _GENESIS_SECONDS)),
        "transactions": [],
    }


def _logs(market: Market, chain: Chain, params: list[Any]) -> list[dict[str, Any]]:
    wanted = params[0]
    first = _number(chain, wanted.get("fromBlock", "latest"))
    last = _number(chain, wanted.get("toBlock", "latest"))
    if first > last:
        raise _Failed(-32602, "invalid block range params")
    if last > chain.head or not chain.exists:
        raise _Failed(-32000, "block range extends beyond current head block")
    if last - first + 1 > _LARGEST_RANGE:
        raise _Failed(35, f"ranges over {_LARGEST_RANGE} blocks are not supported on freetier")
    topics = [_options(part) for part in wanted.get("topics", [])]
    if len(topics) > _TOPICS_OF_A_TRANSFER or (topics and topics[0] is not None and _TRANSFER not in topics[0]):
        return []
    values: dict[str, Any] = {"first": first, "last": last, "most": _MOST_ROWS + 1}
    conditions = ["block_number BETWEEN $first AND $last"]
    for column, options in (
        ("contract", _options(wanted.get("address"))),
        ("from_address", _addresses(topics, 1)),
        ("to_address", _addresses(topics, 2)),
    ):
        if options is not None:
            conditions.append(f"list_contains(${column}, {column})")
            values[column] = options or [""]
    sql = f"SELECT * FROM token_transfers WHERE {' AND '.join(conditions)} ORDER BY block_number, log_index LIMIT $most"  # noqa: S608
    rows = market.rows(sql, **values)
    if len(rows) > _MOST_ROWS:
        raise _Failed(-32005, f"query returned more than {_MOST_ROWS} results")
    return [log_of(row) for row in rows]


def log_of(values: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `token_transfers` as a log."""
    row = dict(zip(FILES["token_transfers"], values, strict=True))
    return {
        "address": row["contract"],
        "blockHash": _hash(row["block_number"]),
        "blockNumber": hex(row["block_number"]),
        "data": f"0x{int(row['value_raw']):064x}",
        "logIndex": hex(row["log_index"]),
        "removed": False,
        "topics": [_TRANSFER, _word(row["from_address"]), _word(row["to_address"])],
        "transactionHash": row["tx_hash"],
        "transactionIndex": hex(row["log_index"] // 2),
    }


def _options(value: Any) -> list[str] | None:
    """A filter position: None takes anything, a list takes any of its members."""
    if value is None:
        return None
    return [value.lower()] if isinstance(value, str) else [str(option).lower() for option in value]


def _addresses(topics: list[list[str] | None], position: int) -> list[str] | None:
    words = topics[position] if position < len(topics) else None
    return None if words is None else [f"0x{word[-40:]}" for word in words]


def _word(address: str) -> str:
    return "0x" + "0" * 24 + address.removeprefix("0x")


def _hash(number: int) -> str:
    return "0x" + hashlib.sha256(f"block {number}".encode()).hexdigest()


def _last_at_or_before(anchors: list[_Anchor], block: int) -> int:
    low, high = 0, len(anchors) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if anchors[middle].block <= block else (low, middle - 1)
    return low
