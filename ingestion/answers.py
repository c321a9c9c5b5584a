"""Reading answers: an exchange with its rows, each read once, by one parse for many of them where the dataset has one.

Belongs here: what becomes of an answer that can be read, or cannot, when it arrives and when it comes from landing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import TYPE_CHECKING

import pyarrow as pa

from ingestion.errors import BadPayloadError
from ingestion.exchange import Exchange, Outcome

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from ingestion.collect import Dataset

# Of so many answers at most each is read alone where one of them is not like the others. More than so many are not read
# by one parse: they unfold to more than a cache holds, and their pages would be asked of the system each time.
_FEW, READ_TOGETHER = 16, 128


@dataclass(frozen=True)
class Answer:
    """An exchange with its rows, read once."""

    exchange: Exchange
    rows: tuple[pa.Table, ...] = ()


ReadOne = Callable[["Dataset", Exchange], Answer]


def answer(dataset: Dataset, exchange: Exchange) -> Answer:
    """Success is what can be read: an answer that cannot is a failure, and one without rows is empty."""
    if not exchange.carries_rows:
        return Answer(exchange)
    try:
        rows = _typed(dataset, dataset.parse(exchange))
    except BadPayloadError as error:
        return Answer(replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=str(error), unread=True))
    except Exception as error:  # a fault of a parser: what the provider said must land all the same
        return unread(exchange, error)
    return _with_rows(exchange, rows)


def unread(exchange: Exchange, error: Exception) -> Answer:
    """An answer that our own code could not read: it lands, and a replay reads it again."""
    problem = f"the parser failed: {type(error).__name__} {error}"
    return Answer(replace(exchange, outcome=Outcome.BAD_PAYLOAD, error=problem, unread=True))


def read_all(dataset: Dataset, exchanges: Sequence[Exchange], read: ReadOne = answer) -> list[Answer]:
    """Each exchange as `read` gives it, but by one parse where the dataset has one."""
    is_read = [exchange.carries_rows or exchange.unread for exchange in exchanges]
    found = iter(_read_together(dataset, list(compress(exchanges, is_read)), read))
    return [next(found) if wanted else Answer(exchange) for exchange, wanted in zip(exchanges, is_read, strict=True)]


def _read_together(dataset: Dataset, exchanges: Sequence[Exchange], read: ReadOne) -> list[Answer]:
    """An answer that is not like the others is found by halves, and read alone with the few beside it."""
    if len(exchanges) <= _FEW or dataset.parse_together is None:
        return [read(dataset, exchange) for exchange in exchanges]
    if len(exchanges) <= READ_TOGETHER:
        try:
            tables = dataset.parse_together(exchanges)
            if tables is not None:
                pairs = zip(exchanges, tables, strict=True)
                return [_with_rows(exchange, _typed(dataset, (rows,))) for exchange, rows in pairs]
        except Exception:  # a fault of the parser: alone, the answer that it is about says so
            _log.debug("%d answers are read alone", len(exchanges), exc_info=True)
    half = len(exchanges) // 2
    return [*_read_together(dataset, exchanges[:half], read), *_read_together(dataset, exchanges[half:], read)]


def read_landed(dataset: Dataset, exchange: Exchange) -> Answer:
    """What was read once must be read again: a parser that no longer can raises. What was not may be by now."""
    try:
        rows = _typed(dataset, dataset.parse(exchange))
    except Exception:
        if exchange.unread:
            return Answer(exchange)
        raise
    return _with_rows(exchange, rows)


def _typed(dataset: Dataset, rows: Sequence[pa.Table]) -> tuple[pa.Table, ...]:
    """The rows in the types of their raw tables; raises where a value does not fit."""
    return tuple(_as(parsed.table.schema, table) for table, parsed in zip(rows, dataset.tables, strict=True))


def _as(schema: pa.Schema, table: pa.Table) -> pa.Table:
    return table if table.schema.equals(schema) else table.select(schema.names).cast(schema)


def _with_rows(exchange: Exchange, rows: tuple[pa.Table, ...]) -> Answer:
    """An answer without rows is empty. One that is read at last did not complete its unit then, and does not now."""
    outcome = Outcome.OK if rows[0].num_rows else Outcome.EMPTY
    return Answer(
        exchange if exchange.unread or outcome is exchange.outcome else replace(exchange, outcome=outcome), rows
    )
