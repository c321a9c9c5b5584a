"""The wire format of a Transfer log, which nodes and the indexers over them share.

Belongs here: one log. Which logs were asked for, and what else an answer holds, belongs to the source.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
ADDRESS_DIGITS = 40
_WORD_DIGITS = 64
_ERC20_TOPICS = 3
_LARGEST = 2**62
_HEX = re.compile("0x[0-9a-fA-F]*")


def is_transfer(log: Mapping[str, Any]) -> bool:
    """Whether a log is an ERC-20 transfer: ERC-721 has a fourth topic under the same name; indexers pad with null."""
    topics = [topic for topic in log["topics"] if topic is not None]
    if not _HEX.fullmatch(log["data"]):  # data of another length is another event; this is a log that was spoiled
        raise ValueError(f"{log['data'][:80]!r} is not data in hex")
    whole = len(log["data"]) == len("0x") + _WORD_DIGITS
    return len(topics) == _ERC20_TOPICS and topics[0].lower() == TRANSFER and whole


def transfer(log: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a Transfer log; amounts may fill 256 bits and stay text."""
    return {
        "transaction_hash": _hex(log["transactionHash"], _WORD_DIGITS),
        "log_index": quantity(log["logIndex"]),
        "block_number": quantity(log["blockNumber"]),
        "contract": log["address"].lower(),
        "from_address": _address(log["topics"][1]),
        "to_address": _address(log["topics"][2]),
        "value_raw": str(int(_hex(log["data"], _WORD_DIGITS), 16)),
    }


def once(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each transfer once: an answer that gives a log twice tells of one. Raises `ValueError` where the two differ."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for row in rows:
        key = row["transaction_hash"], row["log_index"]
        if found.setdefault(key, row) != row:
            raise ValueError(f"log {key[1]} of the transaction {key[0]} came in two versions")
    return list(found.values())


def _address(word: str) -> str:
    return f"0x{_hex(word, _WORD_DIGITS)[-ADDRESS_DIGITS:]}"


def _hex(text: str, digits: int) -> str:
    lowered = text.lower()
    if len(lowered) != digits + len("0x") or not _HEX.fullmatch(lowered):
        raise ValueError(f"{text[:80]!r} is not {digits} hex digits")
    return lowered


def quantity(text: Any) -> int:
    """A block number, log index or time; some indexers write zero as `0x`."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError(f"{str(text)[:80]!r} is not a hex quantity")
    value = int(text.removeprefix("0x") or "0", 16)
    if value >= _LARGEST:
        raise ValueError(f"{text[:80]} is out of range")
    return value
