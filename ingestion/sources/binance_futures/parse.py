"""Reading the futures REST API: same bytes, same rows.

Belongs here: the wire format and its traps, and what its error codes mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.binance_futures.models import FundingRow, OpenInterestRow, RatioRow
from ingestion.sources.reading import Window, json_of, moment_of_ms, number_or_blank, reading, whole_minute

TAKER = "taker_volume"
# The archive's labels moved here from the end to the start of the five minutes, and the REST labels with them.
LABELS_MOVED = datetime(2026, 6, 25, tzinfo=UTC)
_OUTCOME_OF_CODE = {
    -1001: Outcome.SERVER_ERROR,
    -1003: Outcome.RATE_LIMITED,
    -1007: Outcome.SERVER_ERROR,
    -1121: Outcome.NOT_FOUND,  # an unknown or delisted symbol: permanent
}
_BANNED_UNTIL = re.compile(r"banned until (\d{13})")


def judge(exchange: Exchange) -> Exchange:
    """An answer with the provider's own code and words, which it gives under 4xx and 5xx, and at times under 200."""
    try:
        said = json_of(exchange.body) if exchange.body else None
    except (ValueError, RecursionError):
        return exchange
    if not isinstance(said, dict) or not isinstance(said.get("code"), int) or "msg" not in said:
        return exchange
    text = str(said["msg"])
    if banned := _BANNED_UNTIL.search(text):
        text += f" ({moment_of_ms(banned[1]):%Y-%m-%d %H:%M:%S} UTC)"
    outcome = exchange.outcome
    if outcome in (Outcome.OK, Outcome.BAD_REQUEST):
        outcome = _OUTCOME_OF_CODE.get(said["code"], Outcome.BAD_REQUEST)
    return replace(exchange, outcome=outcome, error=f"{said['code']}: {text}"[:300])


def parse_ratios(body: bytes, symbol: str, ratio_kind: str, period: str, window: Window) -> list[RatioRow]:
    """The rows of one ratio kind. Taker rows carry no symbol; the position variant calls its shares account shares."""
    with reading(f"the {ratio_kind} ratios of {symbol}"):
        return [_ratio(row, symbol, ratio_kind, period, window) for row in _rows(body)]


def parse_open_interest(body: bytes, symbol: str, period: str, window: Window) -> list[OpenInterestRow]:
    """The rows of `openInterestHist`."""
    with reading(f"the open interest of {symbol}"):
        return [
            OpenInterestRow(
                symbol=_symbol(row, symbol),
                period=period,
                timestamp=window.holding(moment_of_ms(row["timestamp"])),
                sum_open_interest=number_or_blank(row["sumOpenInterest"]),
                sum_open_interest_value=number_or_blank(row["sumOpenInterestValue"]),
            )
            for row in _rows(body)
        ]


def parse_funding(body: bytes, symbol: str, window: Window) -> list[FundingRow]:
    """The settlements of one symbol; old rows have a blank mark price and no type."""
    with reading(f"the funding of {symbol}"):
        return [_funding(row, symbol, window) for row in _rows(body)]


def _ratio(row: Mapping[str, Any], symbol: str, ratio_kind: str, period: str, window: Window) -> RatioRow:
    stamp = window.holding(moment_of_ms(row["timestamp"]))
    if ratio_kind == TAKER:
        values = {
            "ratio": number_or_blank(row["buySellRatio"]),
            "buy_volume": number_or_blank(row["buyVol"]),
            "sell_volume": number_or_blank(row["sellVol"]),
        }
    else:
        _symbol(row, symbol)
        values = {
            "ratio": number_or_blank(row["longShortRatio"]),
            "long_share": number_or_blank(row["longAccount"]),
            "short_share": number_or_blank(row["shortAccount"]),
        }
    return RatioRow.model_validate(
        {
            "symbol": symbol,
            "ratio_kind": ratio_kind,
            "period": period,
            "timestamp": stamp,
            "label_convention": "end" if stamp <= LABELS_MOVED else "start",
            **values,
        }
    )


def _funding(row: Mapping[str, Any], symbol: str, window: Window) -> FundingRow:
    settled = window.holding(moment_of_ms(row["fundingTime"]))
    rate = number_or_blank(row["fundingRate"])
    if rate is None:
        raise BadPayloadError(f"a settlement of {symbol} has no rate")
    return FundingRow(
        symbol=_symbol(row, symbol),
        funding_minute=whole_minute(settled),
        funding_time=settled,
        funding_rate=rate,
        mark_price=number_or_blank(row.get("markPrice")),
        rate_type=row.get("rateType"),
    )


def _rows(body: bytes) -> list[Mapping[str, Any]]:
    found = json_of(body)
    if not isinstance(found, list):
        raise BadPayloadError(f"Binance gave something else than a list of rows: {body[:80]!r}")
    return found


def _symbol(row: Mapping[str, Any], symbol: str) -> str:
    if row["symbol"] != symbol:
        raise BadPayloadError(f"asked for {symbol} Binance answered with {row['symbol']!r}")
    return symbol
