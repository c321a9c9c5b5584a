"""How a unit is asked in more than one request: in turn, or page after page.

Belongs here: ways of asking that several sources share. What a page is followed by belongs to each source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ingestion.collect import Known, Send
from ingestion.errors import BadPayloadError
from ingestion.exchange import COMPLETE, Exchange, Outcome, Request


def ask_in_turn(requests: Iterator[Request], send: Send) -> Iterator[Exchange]:
    """The answers to the requests of one unit, up to the first that fails: then the unit has failed."""
    for request in requests:
        found = send(request)
        yield found
        if found.outcome not in COMPLETE:
            return


def ask_pages(
    request: Request, send: Send, _known: Known, following: Callable[[Exchange], Request | None]
) -> Iterator[Exchange]:
    """Page after page of one unit; `following` gives the next one, None at the end.

    A page that leads to itself is a failure: a provider that repeats a page never ends.
    """
    while True:
        found = send(request)
        after = _after(found, following)
        if after == request:
            yield replace(found, outcome=Outcome.BAD_PAYLOAD, error="this page repeats: the next one would be the same")
            return
        yield found
        if after is None:
            return
        request = after


def _after(found: Exchange, following: Callable[[Exchange], Request | None]) -> Request | None:
    """A page that failed or cannot be read is the last one: it is landed and judged as it is."""
    try:
        return following(found) if found.outcome in COMPLETE else None
    except BadPayloadError:
        return None
