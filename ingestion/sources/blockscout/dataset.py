"""What is asked of Blockscout for a night: the transfers of contracts on days that the node has not answered.

A unit is a contract's day, whole: the indexer takes one address per topic, and one query for each of the wallets would
be more than one for all transfers. Where a day begins is known from the node; a day without borders waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from ingestion import reference
from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.entry import Entry
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.sources.blockscout.models import RANGES, TRANSFERS
from ingestion.sources.blockscout.parse import judge, parse_head, parse_page, parse_ranges, parse_transfers
from ingestion.sources.ethereum.dataset import CHAIN
from ingestion.sources.ethereum.logs import TRANSFER
from ingestion.sources.ethereum.parse import wallet_set
from ingestion.sources.registry import dataset as registry
from ingestion.warehouse.raw import standing

_PATH = "/api"
_MOST_PAGES = 200


@dataclass(frozen=True)
class LogsQuery:
    """All Transfer logs of one contract in the blocks of a day, both included."""

    day: date
    contract: str
    wallet_set: str
    first_block: int
    last_block: int

    def request(self) -> Request:
        params = {
            "module": "logs",
            "action": "getLogs",
            "fromBlock": str(self.first_block),
            "toBlock": str(self.last_block),
            "address": self.contract,
            "topic0": TRANSFER,
        }
        return Request(f"{self.day}/{self.contract}/{self.wallet_set}", _PATH, params)


def transfers(entry: Entry) -> Dataset:
    """ERC-20 transfers of the contracts and days that are missing."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(TRANSFERS, parse_transfers), Parsed(RANGES, parse_ranges)),
        partial(_plan, entry),
        _fetch,
        judge,
        Limits(per_second=entry.per_second),
        entry.workers,
        entry.after,
        needs=registry.NEEDED,
    )


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    """Newest first, as the node is asked."""
    since = night.day - timedelta(days=entry.history_days - 1)
    borders = _borders(known, since, night.day)
    labels = wallet_set(registry.labelled(known, CHAIN))
    covered = _covered(known, labels, since)
    queries = (
        LogsQuery(day, contract, labels, first, last)
        for day, (first, last) in sorted(borders.items(), reverse=True)
        for contract in reference.contracts(CHAIN)
        if covered.get((day, contract), 0) < last - first + 1
    )
    requests = (query.request() for query in queries)
    return [request for request in requests if not known.completed_ever(request.unit)]


def _borders(known: Known, since: date, until: date) -> dict[date, tuple[int, int]]:
    """First and last block of each day both of whose ends are known."""
    rows = known.read(f"""
        select day, arg_max(first_block, (_known_at, _batch_id)) from raw.ethereum_blocks
        where day between date '{since}' and date '{until + timedelta(days=1)}' group by day""")  # noqa: S608 - dates
    first: dict[date, int] = dict(rows)
    following = {day: first.get(day + timedelta(days=1)) for day in first}
    return {day: (first[day], end - 1) for day, end in following.items() if end is not None}


def _covered(known: Known, labels: str, since: date) -> dict[tuple[date, str], int]:
    """How many blocks of a contract's day the node answered in both legs, for these labels: the length of the union of
    the newest ranges, because a day that failed may have been asked again in others."""
    rows = known.read(f"""
        with newest as (
            select day, contract, leg, from_block, arg_max(to_block, (_known_at, _batch_id)) as to_block
            from {standing("ethereum_ranges")}
            where wallet_set = '{labels}' and day >= date '{since}' group by day, contract, leg, from_block),
        following as (
            select *, max(to_block) over (
                partition by day, contract, leg order by from_block rows between unbounded preceding and 1 preceding
            ) as reached from newest),
        legs as (
            select day, contract, leg,
                sum(greatest(to_block - greatest(from_block, coalesce(reached + 1, from_block)) + 1, 0)) as blocks
            from following group by day, contract, leg)
        select day, contract, min(blocks) from legs
        group by day, contract having count(*) = 2""")  # noqa: S608 - a hash and a date of our own
    return {(day, contract): int(blocks) for day, contract, blocks in rows}


def _fetch(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    """Page after page by blocks; an indexer that is behind would answer "no logs" for what it has not read."""
    last = int(request.params["toBlock"])
    if known.notes.get("head", -1) < last:
        head = _head(request, send, last)
        yield head
        if head.outcome is not Outcome.OK:
            return
        known.notes["head"] = last
    start = int(request.params["fromBlock"])
    for _ in range(_MOST_PAGES):
        exchange = send(replace(request, params={**request.params, "fromBlock": str(start)}))
        try:
            reached = parse_page(exchange).last_block if exchange.outcome is Outcome.OK else last
        except BadPayloadError as error:
            yield replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=str(error))
            return
        yield exchange
        if reached >= last:
            return
        start = reached + 1
    yield replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=f"the day has more than {_MOST_PAGES} pages of logs")


def _head(request: Request, send: Send, last: int) -> Exchange:
    params = {"module": "block", "action": "eth_block_number"}
    head = send(Request(request.unit, _PATH, params, kind="head"))
    if head.outcome is not Outcome.OK:
        return head
    try:
        number = parse_head(head.body)
    except BadPayloadError as error:
        return replace(head, outcome=Outcome.BAD_PAYLOAD, error=str(error))
    if number < last:
        return replace(head, outcome=Outcome.NOT_YET, error=f"the indexer is at block {number}")
    return head
