"""What is asked of CryptoQuant for a night: Binance's flows and reserve of some tokens, four metrics each.

A token is asked whole on its first night and eight weeks back later on, because past values move with every clustering
of wallets. Before its first values the list of exchanges says whether there are any: a token that is not covered is
reported as not found and is not a day without flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

import pyarrow as pa

from ingestion.collect import Dataset, Known, Parsed, Send
from ingestion.entry import Entry
from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.http import Limits
from ingestion.night import Night
from ingestion.settings import api_key
from ingestion.sources.cryptoquant.models import EXCHANGE_FLOWS, METRICS
from ingestion.sources.cryptoquant.parse import judge, parse_entities, parse_flows

EXCHANGE = "binance"
_PATH = "/erc20/exchange-flows/"
_MOST_ROWS = 100_000
_FIRST_PAUSE_SECONDS = 30
_NOT_COVERED = (Outcome.BAD_REQUEST, Outcome.NOT_FOUND)


@dataclass(frozen=True)
class FlowsQuery:
    """Daily values of one metric of one token at one exchange, both days included."""

    token: str
    metric: str
    first_day: date
    last_day: date

    def request(self) -> Request:
        params = {
            "token": self.token.lower(),
            "exchange": EXCHANGE,
            "window": "day",
            "from": f"{self.first_day:%Y%m%d}",
            "to": f"{self.last_day:%Y%m%d}",
            "limit": str(_MOST_ROWS),  # the default gives the newest hundred
            "format": "json",
        }
        return Request(self.token, f"{_PATH}{self.metric}", params)


def exchange_flows(entry: Entry) -> Dataset:
    """Flows and reserve of tokens at Binance."""
    return Dataset(
        entry.provider,
        entry.dataset,
        (Parsed(EXCHANGE_FLOWS, _rows),),
        partial(_plan, entry),
        _fetch,
        judge,
        Limits(per_second=entry.per_second, first_pause_seconds=_FIRST_PAUSE_SECONDS),
        entry.workers,
        headers=partial(_headers, entry.provider),
    )


def _headers(provider: str) -> dict[str, str]:
    key = api_key(provider)
    return {"Authorization": f"Bearer {key}"} if key else {}


def _plan(entry: Entry, night: Night, known: Known) -> list[Request]:
    """A unit for each token; the request carries the window, the metrics follow."""
    requests = []
    for token, history in entry.symbols.items():
        before = known.completed_before(token)
        days = history if before is None else entry.trailing_days
        first = (before or night.day) - timedelta(days=days - 1)
        requests.append(FlowsQuery(token, METRICS[0], first, night.day).request())
    return requests


def _fetch(request: Request, send: Send, known: Known) -> Iterator[Exchange]:
    if not known.completed_ever(request.unit):
        listed = _listed(request, send)
        yield listed
        if listed.outcome is not Outcome.OK:
            return
    for metric in METRICS:
        exchange = send(replace(request, path=f"{_PATH}{metric}"))
        yield exchange
        if exchange.outcome is not Outcome.OK:
            return


def _listed(request: Request, send: Send) -> Exchange:
    """The list of exchanges of a token; not found where the token or the exchange is not covered."""
    params = {"token": request.params["token"], "type": "exchange"}
    answer = send(Request(request.unit, "/erc20/status/entity-list", params, kind="entities"))
    if answer.outcome in _NOT_COVERED:
        return replace(answer, outcome=Outcome.NOT_FOUND, error=f"no flows of {request.unit}: {answer.error}")
    try:
        if answer.outcome is Outcome.OK and EXCHANGE not in parse_entities(answer.body):
            return replace(answer, outcome=Outcome.NOT_FOUND, error=f"no flows of {request.unit} at {EXCHANGE}")
    except BadPayloadError as error:
        return replace(answer, outcome=Outcome.BAD_PAYLOAD, error=str(error))
    return answer


def _rows(exchange: Exchange) -> pa.Table:
    metric = exchange.request.path.removeprefix(_PATH)
    rows = parse_flows(
        exchange.body, exchange.request.unit, exchange.request.params["exchange"], metric, exchange.fetched_at
    )
    return EXCHANGE_FLOWS.rows(row.model_dump() for row in rows)
