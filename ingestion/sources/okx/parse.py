"""Reading OKX's trading statistics: same bytes, same rows.

Belongs here: the envelope, the wire format and its traps. Errors may come under HTTP 200.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.okx.models import FundingRow, OpenInterestRow, RatioRow
from ingestion.sources.reading import Window, json_of, moment_of_ms, number_or_blank, reading, whole_minute

TAKER = "taker_volume"
_SUCCESS = "0"  # a text: the number 0 would be another envelope
_OUTCOME_OF_CODE = {
    "50001": Outcome.SERVER_ERROR,
    "50004": Outcome.SERVER_ERROR,
    "50011": Outcome.RATE_LIMITED,
    "50013": Outcome.SERVER_ERROR,
    "51001": Outcome.NOT_FOUND,  # no such instrument, delisted ones too
}


def judge(exchange: Exchange) -> Exchange:
    """An answer with the venue's own code and words."""
    try:
        said = json_of(exchange.body) if exchange.body else None
    except (ValueError, RecursionError):
        return exchange
    if not isinstance(said, dict) or not isinstance(said.get("code"), str) or said["code"] == _SUCCESS:
        return exchange
    outcome = exchange.outcome
    if outcome in (Outcome.OK, Outcome.BAD_REQUEST):
        outcome = _OUTCOME_OF_CODE.get(said["code"], Outcome.BAD_REQUEST)
    return replace(exchange, outcome=outcome, error=f"{said['code']}: {said.get('msg', '')}"[:300])


def parse_ratios(body: bytes, contract: str, ratio_kind: str, period: str, window: Window) -> list[RatioRow]:
    """One ratio kind, newest first; rows do not name their contract. Takers' rows give what was sold first."""
    with reading(f"the {ratio_kind} ratios of {contract}"):
        return [_ratio(row, contract, ratio_kind, period, window) for row in _data(body)]


def parse_open_interest(body: bytes, contract: str, period: str, window: Window) -> list[OpenInterestRow]:
    """Open interest, newest first."""
    with reading(f"the open interest of {contract}"):
        return [_open_interest(row, contract, period, window) for row in _data(body)]


def parse_funding(body: bytes, contract: str, window: Window) -> list[FundingRow]:
    """The settlements of one swap, newest first: objects here, unlike everything else."""
    with reading(f"the funding of {contract}"):
        return [_funding(row, contract, window) for row in _data(body)]


def _ratio(row: Sequence[Any], contract: str, ratio_kind: str, period: str, window: Window) -> RatioRow:
    if ratio_kind == TAKER:
        stamp, sold, bought = _fields(row, 3)
        values = {"sell_volume_usd": number_or_blank(sold), "buy_volume_usd": number_or_blank(bought)}
    else:
        stamp, ratio = _fields(row, 2)
        values = {"ratio": number_or_blank(ratio)}
    moment = window.holding(moment_of_ms(stamp))
    return RatioRow.model_validate(
        {"contract": contract, "ratio_kind": ratio_kind, "period": period, "timestamp": moment, **values}
    )


def _open_interest(row: Sequence[Any], contract: str, period: str, window: Window) -> OpenInterestRow:
    stamp, contracts, coins, usd = _fields(row, 4)
    return OpenInterestRow(
        contract=contract,
        period=period,
        timestamp=window.holding(moment_of_ms(stamp)),
        open_interest=number_or_blank(contracts),
        open_interest_coins=number_or_blank(coins),
        open_interest_usd=number_or_blank(usd),
    )


def _funding(row: Mapping[str, Any], contract: str, window: Window) -> FundingRow:
    if row["instId"] != contract:
        raise BadPayloadError(f"asked for {contract} OKX answered with {row['instId']!r}")
    settled = window.holding(moment_of_ms(row["fundingTime"]))
    rate = number_or_blank(row["fundingRate"])
    if rate is None:
        raise BadPayloadError(f"a settlement of {contract} has no rate")
    return FundingRow(
        contract=contract,
        funding_minute=whole_minute(settled),
        funding_time=settled,
        funding_rate=rate,
        realized_rate=number_or_blank(row.get("realizedRate")),
    )


def _data(body: bytes) -> list[Any]:
    said = json_of(body)
    if said["code"] != _SUCCESS:
        raise BadPayloadError(f"OKX refused with {said['code']!r}: {said.get('msg')}")
    if not isinstance(said["data"], list):
        raise BadPayloadError("OKX gave something else than a list of rows")
    return list(said["data"])


def _fields(row: Any, count: int) -> Sequence[Any]:
    """Fields have no names: a row of another length would be read wrongly, so it is refused."""
    if not isinstance(row, list) or len(row) != count:
        raise BadPayloadError(f"OKX gave the row {row!r} where {count} fields are promised")
    return row
