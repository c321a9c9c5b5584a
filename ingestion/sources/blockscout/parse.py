"""Reading pages of logs: same bytes, same rows.

Belongs here: the wire format and its traps. A page holds a thousand logs at most and does not say that it was cut, so
the last block of a full page may be incomplete and is left to the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.blockscout.models import RANGES, TRANSFERS
from ingestion.sources.ethereum.logs import is_transfer, once, quantity, transfer
from ingestion.sources.reading import json_of, reading

PAGE_ROWS = 1000
_NOTHING = ("No logs found", "No records found")
_TOO_FAST = ("rate limit", "too many requests")


@dataclass(frozen=True)
class Page:
    """The transfers of one answer and the last block of which all are in it."""

    transfers: tuple[dict[str, Any], ...]
    last_block: int


def judge(exchange: Exchange) -> Exchange:
    """A refusal under HTTP 200 as what it is; "no logs" comes with the same status and is none."""
    if exchange.outcome is not Outcome.OK or exchange.request.kind != "data":
        return exchange
    try:
        envelope = json_of(exchange.body)
        status, message = envelope["status"], str(envelope.get("message"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return exchange  # not even an envelope: the parser says so
    if status == "1" or message in _NOTHING:
        return exchange
    fast = any(text in message.lower() for text in _TOO_FAST)
    return replace(exchange, outcome=Outcome.RATE_LIMITED if fast else Outcome.BAD_PAYLOAD, error=message[:300])


def parse_head(body: bytes) -> int:
    """The newest block that the indexer has, in hex or in decimal digits."""
    with reading("a block number"):
        text = json_of(body)["result"]
        return quantity(text) if isinstance(text, str) and text.startswith("0x") else int(text)


def parse_page(exchange: Exchange) -> Page:
    """The transfers of a page in the order of the chain.

    Raises `BadPayloadError` for logs outside what was asked, out of order, or more in one block than a page holds.
    """
    with reading("a page of logs"):
        envelope = json_of(exchange.body)
        logs = envelope["result"] or []
        if envelope["status"] != "1" and envelope.get("message") not in _NOTHING:
            raise BadPayloadError(f"Blockscout refused: {envelope.get('message')}")
        if not isinstance(logs, list):
            raise BadPayloadError("Blockscout gave something else than a list of logs")
        first, last = (int(exchange.request.params[name]) for name in ("fromBlock", "toBlock"))
        blocks = [_block(log, exchange.request.params["address"]) for log in logs]
        if blocks != sorted(blocks) or (blocks and not first <= blocks[0] <= blocks[-1] <= last):
            raise BadPayloadError(f"Blockscout gave logs that are not those of the blocks {first} to {last} in order")
        if len(logs) >= PAGE_ROWS:
            last = blocks[-1] - 1
            if last < first:
                raise BadPayloadError(f"block {first} has more logs than a page of Blockscout holds")
        kept = [log for log, block in zip(logs, blocks, strict=True) if block <= last and is_transfer(log)]
        return Page(tuple(once(transfer(log) for log in kept)), last)


def parse_transfers(exchange: Exchange) -> pa.Table:
    """The ERC-20 transfers of one page."""
    page = parse_page(exchange)
    with reading("a page of logs"):
        return TRANSFERS.rows(page.transfers)


def parse_ranges(exchange: Exchange) -> pa.Table:
    """What a page covers: both legs of its contract."""
    page = parse_page(exchange)
    with reading("a page of logs"):
        day, contract, wallet_set = exchange.request.unit.split("/")
        return RANGES.rows(
            {
                "day": date.fromisoformat(day),
                "leg": leg,
                "contract": contract,
                "from_block": int(exchange.request.params["fromBlock"]),
                "to_block": page.last_block,
                "wallet_set": wallet_set,
                "logs": len(page.transfers),
            }
            for leg in ("in", "out")
        )


def _block(log: dict[str, Any], contract: str) -> int:
    if log["address"].lower() != contract:
        raise BadPayloadError(f"Blockscout gave a log of the contract {str(log['address'])[:80]}: not asked for")
    return quantity(log["blockNumber"])
