"""Reading a list of labelled wallets: same bytes, same rows.

Belongs here: what a list must be. A list is taken whole or not at all: one wrong label would move a token's netflow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import ValidationError

from ingestion import reference
from ingestion.errors import BadPayloadError
from ingestion.sources.reading import csv_rows, reading
from ingestion.sources.registry.models import WalletRow

PROJECT, OPERATOR = "project", "operator"
REQUIRED = ("address", "exchange", "label", "chain", "source", "known_from")
COLUMNS = ("address", "exchange", "label", "chain", "kind", "source", "known_from", "valid_from", "valid_to")


def version_of(body: bytes) -> str:
    """The name of a version: it changes with any byte of the list."""
    return hashlib.sha256(body).hexdigest()[:12]


def parse_wallets(body: bytes, origin: str, read_at: datetime) -> list[WalletRow]:
    """The labels of a list; an empty list labels nothing.

    Raises `BadPayloadError` naming the line for anything that is no label, an address given twice, the contract of a
    token, a label from the future, and an address that the project gives to somebody else.
    """
    with reading("a list of labelled wallets"):
        first_line = body.split(b"\n", 1)[0].decode("utf-8-sig").strip()
        header: Sequence[str] = REQUIRED if first_line == ",".join(REQUIRED) else COLUMNS
        given = csv_rows(body, header, REQUIRED)
        rows: list[WalletRow] = []
        seen: dict[str, int] = {}
        for line, fields in enumerate(given, start=2):
            row = _row(dict(zip(header, fields, strict=True)), line)
            if row.address in seen:
                raise BadPayloadError(f"line {line}: {row.address} is in line {seen[row.address]} already")
            if problem := _problem(row, origin, read_at):
                raise BadPayloadError(f"line {line}: {row.address} {problem}")
            seen[row.address] = line
            rows.append(row)
        return rows


def _row(fields: Mapping[str, str], line: int) -> WalletRow:
    values = {"kind": "exchange", "valid_from": "", "valid_to": ""} | {k: v.strip() for k, v in fields.items()}
    try:
        return WalletRow.model_validate(values | {"address": values["address"].lower()})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadPayloadError(f"line {line}: {where}: {first['msg'].removeprefix('Value error, ')}") from error


def _problem(row: WalletRow, origin: str, read_at: datetime) -> str | None:
    if row.address in reference.contracts(row.chain):
        return "is the contract of a token and no wallet"
    if row.known_from > read_at.astimezone(UTC).date():
        return f"is known from {row.known_from}, which has not come"
    own = reference.labels(row.chain).get(row.address)
    if origin != PROJECT and own is not None and own != (row.kind, row.exchange or ""):
        return f"is a wallet of kind {own[0]} of '{own[1]}' in the project's own list: leave it out"
    return None
