"""Finding the first block at or after a moment in few requests.

A slot is 12 seconds and holds at most one block. So from a block t seconds too late, t/12 steps back surely lead
before the moment, and from one too early as many steps forward surely lead to it or past it: each probe is wrong only
by the slots that were missed on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.ethereum.parse import Block, parse_block

SLOT_SECONDS = 12
# From here on by halves: then the chain does not keep its slots.
_PATIENCE = 12


def first_at_or_after(target: int, anchors: list[Block], ask: Callable[[int], Exchange]) -> Iterator[Exchange]:
    """Every probe, then the block before the moment (kind `before`) and the first one at or after it (kind `data`).

    `anchors` are known blocks, one of them at or after `target`; the two found are added. A probe that fails ends the
    search and is the last exchange.
    """
    seen: dict[int, Exchange] = {}
    low = max((block for block in anchors if block.time < target), key=lambda block: block.number, default=None)
    high = min((block for block in anchors if block.time >= target), key=lambda block: block.number)
    while low is None or high.number - low.number > 1:
        number = _guess(target, low, high, len(seen))
        exchange = ask(number)
        if exchange.outcome is not Outcome.OK:
            yield exchange
            return
        seen[number] = exchange
        block = parse_block(exchange.body)
        if block.number != number or (low and block.time < low.time) or block.time > high.time or number >= high.number:
            yield replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=f"block {number} does not fit its neighbours")
            return
        if block.time < target:
            low = block
        else:
            high = block
    anchors += [low, high]
    before, first = (seen.pop(number) if number in seen else ask(number) for number in (low.number, high.number))
    yield from seen.values()
    yield _as_kind(before, "before")
    yield _as_kind(first, "data")


def _guess(target: int, low: Block | None, high: Block, probes: int) -> int:
    back = high.number - (high.time - target) // SLOT_SECONDS - 1
    if low is None:
        if high.number == 0:
            raise BadPayloadError("the chain begins after this day")
        return max(back, 0)
    if probes >= _PATIENCE:
        return (low.number + high.number) // 2
    forth = low.number - (low.time - target) // SLOT_SECONDS
    nearest = back if high.time - target <= target - low.time else forth
    return min(max(nearest, low.number + 1), high.number - 1)


def _as_kind(exchange: Exchange, kind: str) -> Exchange:
    return replace(exchange, request=replace(exchange.request, kind=kind))
