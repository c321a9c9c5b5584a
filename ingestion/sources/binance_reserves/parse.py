"""Reading the list of addresses: same bytes, same rows.

Belongs here: the wire format and its traps. A list is taken whole or not at all: one wrong label would move the netflow
of every token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome
from ingestion.sources.binance_reserves.models import ETHEREUM, AddressRow
from ingestion.sources.reading import json_of, reading

_SUCCESS = "000000"


def judge(exchange: Exchange) -> Exchange:
    """A refusal under HTTP 200 as what it is, with the provider's own code and words."""
    if exchange.outcome is not Outcome.OK:
        return exchange
    try:
        said = json_of(exchange.body)
        code, message = said["code"], str(said.get("message"))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return exchange  # not even an envelope: the parser says so
    if code == _SUCCESS:
        return exchange
    return replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=f"{code}: {message}"[:300])


def parse_addresses(body: bytes) -> list[AddressRow]:
    """Each address once, in the order of network and address; one that Binance holds for any asset is Binance's.
    Of other networks than Ethereum nobody asks anything: their addresses are kept in whatever form they have.

    Raises `BadPayloadError` for anything but a whole list: an exchange that owns nothing has not been asked.
    """
    with reading("a list of reserve addresses"):
        envelope = json_of(body)
        if envelope["code"] != _SUCCESS:
            raise BadPayloadError(f"Binance refused with {envelope['code']!r}: {envelope.get('message')}")
        found: dict[tuple[str, str], AddressRow] = {}
        for row in filter(None, map(_row, envelope["data"])):
            key = row.network, row.address
            if key not in found or row.custodian is None:
                found[key] = row
        if not found:
            raise BadPayloadError("Binance listed no address at all")
        return [found[key] for key in sorted(found)]


def _row(given: Mapping[str, Any]) -> AddressRow | None:
    """One address as its network writes it; None for a row of another network that names none."""
    network, address, custodian = (
        value.strip() if isinstance(value, str) else value
        for value in (given["network"], given["address"], given["thirdPartyCustodianName"])
    )
    if network == ETHEREUM:
        address = address.lower()
    elif not address and network:
        return None
    return AddressRow(network=network, address=address, custodian=None if custodian == "" else custodian)
