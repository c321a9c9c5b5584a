"""What is asked of an Ethereum node for a night: where each UTC day begins, and the transfers of the labelled wallets.

A day is asked for once it is final. Transfers are asked per day, leg (in: to a wallet, out: from a wallet) and group of
contracts, in ranges that shrink when a node finds them too wide and grow again when it answers. A group's name carries
its contracts and wallets, so a new token or label asks the history again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, cast

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.entry import Entry
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.settings import Switches
from ingestion.sources.ethereum.logs import TRANSFER
from ingestion.sources.ethereum.models import BLOCKS, RANGES, TRANSFERS
from ingestion.sources.ethereum.parse import (
    Block,
    is_too_wide,
    judge,
    parse_block,
    parse_first_block,
    parse_number,
    parse_ranges,
    parse_transfers,
    wallet_set,
)
from ingestion.sources.ethereum.reach import SMALLEST_RANGE, Reach
from ingestion.sources.ethereum.search import first_at_or_after
from ingestion.sources.registry import dataset as registry

CHAIN = "ethereum"
LEGS = ("in", "out")
# Where a node does not know the tag "finalized", this many blocks stand for it.
_DEEP_ENOUGH = 64


@dataclass(frozen=True)
class TransfersQuery:
    """The Transfer logs of some contracts with a wallet on one side, in a range of blocks (both included)."""

    day: date
    leg: str
    group: str
    contracts: Sequence[str]
    wallets: Sequence[str]
    first_block: int
    last_block: int

    def request(self) -> Request:
        words = [f"0x{wallet[2:]:0>64}" for wallet in self.wallets]
        topics = [TRANSFER, None, words] if self.leg == "in" else [TRANSFER, words, None]
        asked = {
            "fromBlock": hex(self.first_block),
            "toBlock": hex(self.last_block),
            "address": list(self.contracts),
            "topics": topics,
        }
        return Request(f"{self.day}/{self.leg}/{self.group}", "", json_body=_call("eth_getLogs", asked))


def blocks(entry: Entry) -> Dataset:
    """The first block of every UTC day."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(BLOCKS, parse_first_block),),
        partial(_plan_blocks, entry),
        _fetch_block,
        judge,
        Limits(per_second=entry.per_second),
        entry.workers,
    )


def transfers(entry: Entry) -> Dataset:
    """ERC-20 transfers from and to labelled exchange wallets."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(TRANSFERS, parse_transfers), Parsed(RANGES, parse_ranges)),
        partial(_plan_transfers, entry),
        _fetch_transfers,
        judge,
        Limits(per_second=entry.per_second),
        entry.workers,
        needs=registry.NEEDED,
        expects=partial(_expected_transfers, entry),
    )


def _plan_blocks(entry: Entry, night: Night, known: Known) -> list[Request]:
    """Newest first: each day is then found a step back from the one after it."""
    end = night.day + timedelta(days=1)
    days = [end - timedelta(days=back) for back in range(entry.history_days + 1)]
    return [_block_request(str(day), "finalized", "data") for day in days if not known.completed_ever(str(day))]


def _plan_transfers(entry: Entry, night: Night, known: Known) -> list[Request]:
    """Every leg and group of every day whose two ends are known, the newest first: new labels ask the history again,
    and last night does not wait for it. Days without both ends wait for `blocks`."""
    rows = known.read("select day, arg_max(first_block, (_known_at, _batch_id)) from raw.ethereum_blocks group by day")
    first: dict[date, int] = dict(rows)
    wallets = registry.labelled(known, CHAIN)
    groups = _groups(entry.group, wallets)
    queries = (
        TransfersQuery(day, leg, name, contracts, wallets, first[day], first[following] - 1)
        for day, following in _days(night, entry.history_days)
        if day in first and following in first
        for name, contracts in groups.items()
        for leg in LEGS
    )
    requests = (query.request() for query in queries)
    return [request for request in requests if not known.completed_ever(request.unit)]


def _expected_transfers(entry: Entry, known: Known) -> list[str]:
    """Also of days whose blocks are not known yet."""
    groups = _groups(entry.group, registry.labelled(known, CHAIN))
    return [
        f"{day}/{leg}/{group}" for day, _ in _days(known.night, entry.history_days) for group in groups for leg in LEGS
    ]


def _days(night: Night, history: int) -> list[tuple[date, date]]:
    """Each day with the one after it, newest first."""
    days = [night.day - timedelta(days=back) for back in range(history)]
    return [(day, day + timedelta(days=1)) for day in days]


def _groups(size: int, wallets: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Contracts in groups; a group's name says where it stands and, as a hash, what is asked for."""
    contracts, labels = reference.contracts(CHAIN), wallet_set(wallets)
    found = {}
    for start in range(0, len(contracts), size):
        group = contracts[start : start + size]
        content = hashlib.sha256(",".join((labels, *group)).encode()).hexdigest()[:8]
        found[f"{start // size:02d}-{content}"] = group
    return found


def _fetch_block(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    day = date.fromisoformat(request.unit)
    target = int(datetime.combine(day, time(0), tzinfo=UTC).timestamp())
    if "blocks" not in known.notes:
        known.notes["blocks"] = _stored_blocks(known)
    anchors: list[Block] = known.notes["blocks"]
    if not any(block.time >= target for block in anchors):
        head = yield from _final_head(request.unit, target, send)
        if head is None:
            return
        anchors.append(head)
    yield from first_at_or_after(target, anchors, partial(_ask_block, request.unit, send))


def _stored_blocks(known: Known) -> list[Block]:
    rows = known.read("select first_block, epoch(first_block_time)::bigint from raw.ethereum_blocks")
    return [Block(number, seconds) for number, seconds in rows]


def _final_head(unit: str, target: int, send: Send) -> Generator[Exchange, None, Block | None]:
    """The newest final block; None, with the reason as the last exchange, while it lies before `target`."""
    answer = send(_block_request(unit, "finalized", "head"))
    if answer.outcome is not Outcome.OK:
        yield answer
        latest = send(_block_request(unit, "latest", "head"))
        yield latest
        if latest.outcome is not Outcome.OK:
            return None
        answer = _ask_block(unit, send, max(parse_block(latest.body).number - _DEEP_ENOUGH, 0))
        if answer.outcome is not Outcome.OK:
            yield answer
            return None
    head = parse_block(answer.body)
    if head.time >= target:
        yield answer
        return head
    yield replace(answer, outcome=Outcome.NOT_YET, error=f"the chain is final up to {_utc(head.time)} only")
    return None


def _fetch_transfers(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    (asked,) = cast("Any", request.json_body)["params"]
    start, last = int(asked["fromBlock"], 16), int(asked["toBlock"], 16)
    if known.notes.get("head", -1) < last:
        head = send(Request(request.unit, "", json_body=_call("eth_blockNumber"), kind="head"))
        number = parse_number(head.body) if head.outcome is Outcome.OK else -1
        if number < last:
            yield head if number < 0 else replace(head, outcome=Outcome.NOT_YET, error=f"the node is at block {number}")
            return
        yield head
        known.notes["head"] = number
    reach: Reach = known.notes.setdefault("reach", Reach(Switches().ethereum_max_blocks))
    while start <= last:
        size = min(reach.blocks, last - start + 1)
        part = asked | {"fromBlock": hex(start), "toBlock": hex(start + size - 1)}
        exchange = send(replace(request, json_body=_call("eth_getLogs", part)))
        yield exchange
        if is_too_wide(exchange) and size > SMALLEST_RANGE:
            reach.narrow(size)
        elif exchange.outcome is Outcome.OK:
            reach.widen(size)
            start += size
        else:
            return


def _ask_block(unit: str, send: Send, number: int) -> Exchange:
    return send(_block_request(unit, hex(number), "probe"))


def _block_request(unit: str, block: str, kind: str) -> Request:
    return Request(unit, "", json_body=_call("eth_getBlockByNumber", block, False), kind=kind)


def _call(method: str, *params: object) -> Mapping[str, object]:
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


def _utc(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
