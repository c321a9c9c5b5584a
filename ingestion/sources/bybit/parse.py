"""Reading Bybit's market data: same bytes, same rows.

Belongs here: the envelope, the wire format and its traps. Every error but a refusal comes under HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.bybit.models import AccountRatioRow, FundingRow, OpenInterestRow
from ingestion.sources.reading import Window, json_of, moment_of_ms, number_or_blank, reading, whole_minute

_PARAMETER_ERROR = 10001
_OUTCOME_OF_CODE = {
    0: Outcome.OK,
    10000: Outcome.SERVER_ERROR,
    10006: Outcome.RATE_LIMITED,
    10009: Outcome.BLOCKED,
    10016: Outcome.SERVER_ERROR,
    10018: Outcome.RATE_LIMITED,
    10024: Outcome.BLOCKED,
}
_TOO_FREQUENT = b"access too frequent"


def judge(exchange: Exchange) -> Exchange:
    """An answer with the venue's own code and words. HTTP 403 is a refused region, or somebody who asks too often."""
    if exchange.status == HTTPStatus.FORBIDDEN and _TOO_FREQUENT in exchange.body.lower():
        return replace(exchange, outcome=Outcome.RATE_LIMITED, error="HTTP 403: access too frequent")
    try:
        said = json_of(exchange.body) if exchange.body else None
    except (ValueError, RecursionError):
        return exchange
    if not isinstance(said, dict) or not isinstance(said.get("retCode"), int):
        return exchange
    code, text = said["retCode"], str(said.get("retMsg", ""))
    outcome = exchange.outcome
    if outcome in (Outcome.OK, Outcome.BAD_REQUEST):
        outcome = _outcome(code, text)
    return exchange if outcome is Outcome.OK else replace(exchange, outcome=outcome, error=f"{code}: {text}"[:300])


def _outcome(code: int, text: str) -> Outcome:
    """An unknown or delisted contract is a parameter error whose words name the symbol."""
    if code == _PARAMETER_ERROR and "symbol" in text.lower():
        return Outcome.NOT_FOUND
    return _OUTCOME_OF_CODE.get(code, Outcome.BAD_REQUEST)


def parse_account_ratio(body: bytes, contract: str, period: str, window: Window) -> list[AccountRatioRow]:
    """The account shares of one contract, newest first."""
    with reading(f"the account ratio of {contract}"):
        return [
            AccountRatioRow(
                contract=_same(row["symbol"], contract),
                period=period,
                timestamp=window.holding(moment_of_ms(row["timestamp"])),
                buy_ratio=number_or_blank(row["buyRatio"]),
                sell_ratio=number_or_blank(row["sellRatio"]),
            )
            for row in _result(body)["list"]
        ]


def parse_open_interest(body: bytes, contract: str, period: str, window: Window) -> list[OpenInterestRow]:
    """The open interest of one contract, newest first; the contract is named once, above the rows."""
    with reading(f"the open interest of {contract}"):
        result = _result(body)
        if result["list"]:
            _same(result["symbol"], contract)
        return [
            OpenInterestRow(
                contract=contract,
                period=period,
                timestamp=window.holding(moment_of_ms(row["timestamp"])),
                open_interest=number_or_blank(row["openInterest"]),
                single_open_interest=number_or_blank(row.get("singleOpenInterest")),
            )
            for row in result["list"]
        ]


def parse_funding(body: bytes, contract: str, window: Window) -> list[FundingRow]:
    """The settlements of one contract, newest first."""
    with reading(f"the funding of {contract}"):
        return [_funding(row, contract, window) for row in _result(body)["list"]]


def next_cursor(body: bytes) -> str:
    """What the next page is asked with; empty at the end. It comes encoded for a URL and is decoded once."""
    with reading("a page with a cursor"):
        cursor = _result(body).get("nextPageCursor", "")
        if not isinstance(cursor, str):
            raise BadPayloadError(f"Bybit gave the cursor {cursor!r}")
        return unquote(cursor)


def _funding(row: Mapping[str, Any], contract: str, window: Window) -> FundingRow:
    settled = window.holding(moment_of_ms(row["fundingRateTimestamp"]))
    rate = number_or_blank(row["fundingRate"])
    if rate is None:
        raise BadPayloadError(f"a settlement of {contract} has no rate")
    return FundingRow(
        contract=_same(row["symbol"], contract),
        funding_minute=whole_minute(settled),
        funding_time=settled,
        funding_rate=rate,
    )


def _result(body: bytes) -> Mapping[str, Any]:
    said = json_of(body)
    if said["retCode"] != 0:
        raise BadPayloadError(f"Bybit refused with {said['retCode']}: {said.get('retMsg')}")
    found: Mapping[str, Any] = said["result"]
    if not isinstance(found["list"], list):
        raise BadPayloadError("Bybit gave something else than a list of rows")
    return found


def _same(found: Any, contract: str) -> str:
    if found != contract:
        raise BadPayloadError(f"asked for {contract} Bybit answered with {found!r}")
    return contract
