"""Reading JSON-RPC answers: blocks, Transfer logs, and the many ways in which nodes say no under HTTP 200.

Belongs here: the wire format and its traps. An error is never an empty list of logs.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import pyarrow as pa

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.ethereum.logs import ADDRESS_DIGITS, is_transfer, once, quantity, transfer
from ingestion.sources.ethereum.models import BLOCKS, RANGES, TRANSFERS
from ingestion.sources.reading import json_of, reading


class Refusal(StrEnum):
    """Why a node did not answer, by what helps."""

    TOO_WIDE = "too wide"  # halve the range
    PACE = "pace"  # wait
    PRUNED = "pruned"  # another endpoint
    OTHER = "other"


# Looked for in this order in the lower-cased message: -32005 means "too many rows" and "too fast", by provider.
_PATTERNS: tuple[tuple[Refusal, tuple[str, ...]], ...] = (
    (
        Refusal.TOO_WIDE,
        (
            "query returned more than",
            "exceeds limit of",
            "exceed maximum block range",
            "block range is too wide",
            "blocks range",
            "limited to a",
            "ranges over",
            "range limit",
            "block range exceeds",
            "response size exceeded",
            "query exceeds max results",
            "too many logs",
            "query timeout exceeded",
            "request timeout",
        ),
    ),
    (Refusal.PRUNED, ("archive", "missing trie node", "no historical", "not available")),
    (Refusal.PACE, ("rate", "limit exceeded", "capacity", "too many requests")),
)
# Codes under which nodes refuse a range: in words that are not listed above, a narrower one is worth asking. Only where
# the status says no more: 401, 429 and 5xx mean what they mean whatever the code.
_TOO_WIDE_CODES = (-32602, -32701, 30, 35)
_TOO_WIDE_OUTCOMES = (Outcome.OK, Outcome.BAD_REQUEST)
_TOO_WIDE_STATUSES = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.GATEWAY_TIMEOUT)
# What the words of a node can still mean under a status that says to wait or to stay away: never that a range is why.
_LEFT_OPEN = {Outcome.RATE_LIMITED: (Refusal.PACE,), Outcome.BLOCKED: (Refusal.PRUNED, Refusal.PACE)}
_OUTCOMES = {
    Refusal.TOO_WIDE: Outcome.BAD_REQUEST,
    Refusal.PACE: Outcome.RATE_LIMITED,
    Refusal.PRUNED: Outcome.BLOCKED,
}


@dataclass(frozen=True)
class Block:
    """A block's number and its time in unix seconds."""

    number: int
    time: int


def judge(exchange: Exchange) -> Exchange:
    """The outcome of an answer by its body: nodes refuse under HTTP 200, and ranges under many statuses."""
    if exchange.status is None or (exchange.outcome is not Outcome.OK and not exchange.body):
        return exchange
    message, code = _error(exchange.body)
    if message is None and exchange.outcome is Outcome.OK:
        return exchange
    refusal = _refusal(message or "", code, exchange)
    if refusal is Refusal.OTHER:
        if exchange.outcome is not Outcome.OK:
            return exchange
        return replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=(message or "")[:300])
    return replace(exchange, outcome=_OUTCOMES[refusal], error=f"{refusal}: {message or exchange.status}"[:300])


def is_too_wide(exchange: Exchange) -> bool:
    """Whether a smaller range would help."""
    return exchange.outcome is Outcome.BAD_REQUEST and (exchange.error or "").startswith(Refusal.TOO_WIDE)


def _error(body: bytes) -> tuple[str | None, Any]:
    """What the node says is wrong, and its code; (None, None) when it gave a result."""
    try:
        envelope = json_of(body)
        if not isinstance(envelope, dict):
            return "the answer is not a JSON-RPC envelope", None
        error = envelope.get("error")
        if isinstance(error, dict):
            return str(error.get("message", error)), error.get("code")
        if error is not None:
            return str(error), None
        return (None if envelope.get("result") is not None else "the result is null"), None
    except (ValueError, RecursionError):
        return "the answer is not JSON", None


def _refusal(message: str, code: Any, exchange: Exchange) -> Refusal:
    asks_logs = (exchange.request.json_body or {}).get("method") == "eth_getLogs"
    if asks_logs and exchange.status in _TOO_WIDE_STATUSES:
        return Refusal.TOO_WIDE
    lowered, possible = message.lower(), _LEFT_OPEN.get(exchange.outcome, tuple(Refusal))
    for refusal, patterns in _PATTERNS:
        if refusal in possible and any(pattern in lowered for pattern in patterns):
            return refusal
    is_wide = asks_logs and code in _TOO_WIDE_CODES and exchange.outcome in _TOO_WIDE_OUTCOMES
    return Refusal.TOO_WIDE if is_wide else Refusal.OTHER


def parse_block(body: bytes) -> Block:
    """Number and time of a block answer."""
    with reading("a block"):
        result = _result(body)
        return Block(quantity(result["number"]), quantity(result["timestamp"]))


def parse_number(body: bytes) -> int:
    """The answer to `eth_blockNumber`."""
    with reading("a block number"):
        return quantity(_result(body))


def parse_first_block(exchange: Exchange) -> pa.Table:
    """The row of a day from the block found to be its first; the block before it is landed beside it."""
    block = parse_block(exchange.body)
    with reading("the first block of a day"):
        day = date.fromisoformat(exchange.request.unit)
        moment = datetime.fromtimestamp(block.time, UTC)
        if moment < datetime.combine(day, time(0), tzinfo=UTC):
            raise BadPayloadError(f"block {block.number} of {moment:%Y-%m-%d %H:%M:%S} lies before {day}")
        return BLOCKS.rows([{"day": day, "first_block": block.number, "first_block_time": moment}])


def parse_transfers(exchange: Exchange) -> pa.Table:
    """The ERC-20 transfers of one answer; other events under the same topic and removed ones are left out."""
    with reading("the logs that were asked for"):
        return TRANSFERS.rows(_transfers(exchange))


def parse_ranges(exchange: Exchange) -> pa.Table:
    """What this answer covers: a row per contract asked for, with none left out because it had no transfer."""
    with reading("the logs that were asked for"):
        asked = _filter(exchange)
        day, leg, _ = exchange.request.unit.split("/")
        logs = Counter(row["contract"] for row in _transfers(exchange))
        return RANGES.rows(
            {
                "day": date.fromisoformat(day),
                "leg": leg,
                "contract": contract,
                "from_block": quantity(asked["fromBlock"]),
                "to_block": quantity(asked["toBlock"]),
                "wallet_set": wallet_set(asked["topics"][2 if leg == "in" else 1]),
                "logs": logs[contract],
            }
            for contract in asked["address"]
        )


def wallet_set(words: Sequence[str]) -> str:
    """A name for a set of wallets, given as addresses or as 32-byte words: labels change, and history with them."""
    addresses = sorted(f"0x{word[-ADDRESS_DIGITS:].lower()}" for word in words)
    return hashlib.sha256(",".join(addresses).encode()).hexdigest()[:12]


def _transfers(exchange: Exchange) -> list[dict[str, Any]]:
    asked = _filter(exchange)
    logs = _result(exchange.body)
    if not isinstance(logs, list):
        raise BadPayloadError("the node gave something else than a list of logs")
    return once(transfer(log) for log in logs if _is_asked_for(log, asked))


def _filter(exchange: Exchange) -> Mapping[str, Any]:
    body: Any = exchange.request.json_body
    (asked,) = body["params"]
    return asked  # type: ignore[no-any-return]


def _is_asked_for(log: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether to keep a log; raises when the node gave what nobody asked for: then nothing it says counts."""
    number = quantity(log["blockNumber"])
    topics = [topic.lower() for topic in log["topics"]]
    inside = quantity(asked["fromBlock"]) <= number <= quantity(asked["toBlock"])
    if not inside or log["address"].lower() not in asked["address"]:
        raise BadPayloadError(f"the node gave a log of block {number} and contract {log['address']}: not asked for")
    for topic, wanted in zip(topics, asked["topics"], strict=False):
        if wanted is not None and topic not in ([wanted] if isinstance(wanted, str) else wanted):
            raise BadPayloadError(f"the node gave a log with the topic {topic}: not asked for")
    return not log.get("removed") and is_transfer(log)


def _result(body: bytes) -> Any:
    return json_of(body)["result"]
