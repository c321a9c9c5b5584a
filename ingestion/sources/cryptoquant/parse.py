"""Reading exchange flows: same bytes, same rows.

Belongs here: the wire format and its traps. Rows come newest first, a refusal can come under HTTP 200, and the answer
does not repeat which token it is about.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.http import outcome_of_status
from ingestion.sources.cryptoquant.models import FlowRow
from ingestion.sources.reading import json_of, number, reading

_VALUE_OF_METRIC = {
    "netflow": "netflow_total",
    "inflow": "inflow_total",
    "outflow": "outflow_total",
    "reserve": "reserve",
}
# The newest day is partial until then.
_FINISHED_AFTER = timedelta(minutes=30)


def judge(exchange: Exchange) -> Exchange:
    """A refusal under HTTP 200 as what it is: `status.code` speaks the language of HTTP."""
    try:
        status = json_of(exchange.body)["status"]
        code, message = status["code"], str(status.get("message"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return exchange  # not even an envelope: the status of HTTP or the parser says so
    if code == HTTPStatus.OK:
        return exchange
    outcome = exchange.outcome
    if outcome is Outcome.OK:
        outcome = outcome_of_status(code) if isinstance(code, int) else Outcome.BAD_PAYLOAD
        outcome = Outcome.BAD_PAYLOAD if outcome is Outcome.OK else outcome
    return replace(exchange, outcome=outcome, error=f"{code}: {message}"[:300])


def parse_entities(body: bytes) -> frozenset[str]:
    """The exchanges known for a token, by their symbols."""
    with reading("a list of exchanges"):
        return frozenset(entity["symbol"] for entity in json_of(body)["result"]["data"])


def parse_flows(body: bytes, token: str, exchange: str, metric: str, fetched_at: datetime) -> list[FlowRow]:
    """The finished days of one metric, oldest first.

    Raises `BadPayloadError` for anything but daily values of that metric, and for a day given twice."""
    with reading(f"daily values of {metric}"):
        envelope = json_of(body)
        if envelope["status"]["code"] != HTTPStatus.OK:
            raise BadPayloadError(f"CryptoQuant refused {token}: {envelope['status']['code']!r}")
        if envelope["result"]["window"] != "day":
            raise BadPayloadError(f"CryptoQuant gave {token} by {envelope['result']['window']!r} instead of 'day'")
        rows: dict[date, FlowRow] = {}
        for given in envelope["result"]["data"]:
            row = _row(given, token, exchange, metric)
            if row.date in rows:
                raise BadPayloadError(f"CryptoQuant gave {row.date} of {token} twice")
            rows[row.date] = row
        return [rows[day] for day in sorted(rows) if _is_finished(day, fetched_at)]


def _row(given: Any, token: str, exchange: str, metric: str) -> FlowRow:
    day, value = date.fromisoformat(given["date"]), number(given[_VALUE_OF_METRIC[metric]])
    return FlowRow(token=token, exchange=exchange, metric=metric, date=day, value=value)


def _is_finished(day: date, moment: datetime) -> bool:
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=UTC) + _FINISHED_AFTER <= moment
