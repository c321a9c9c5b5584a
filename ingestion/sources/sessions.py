"""What stand-ins for daily equity bars share: which sessions none of the datasets before them has given.

Belongs here: reading raw for that. A bar missing inside a complete answer is a gap, too, so the ledger alone does not
say it. Who stands in for whom is said in `catalogue.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from ingestion import calendars, reference
from ingestion.collect import Known
from ingestion.warehouse.raw import standing

Key = tuple[str, str]


def missing_sessions(known: Known, symbol: str, days: int, holders: Sequence[Key]) -> list[date]:
    """The sessions of the last `days` days without a close of `symbol` (ours) in raw of any of `holders`.

    A quarantined bar is none. Whatever kept a bar away (a refusal, a null, a late row) counts alike.
    """
    last = known.night.day
    first = last - timedelta(days=days - 1)
    expected = calendars.sessions(first, last)
    between = f"session_date between date '{first}' and date '{last}'"
    rows = known.read(" union ".join(_closes("session_date", symbol, holder, between) for holder in holders))
    present = {day for (day,) in rows}
    return [day for day in expected if day not in present]


def has_history(known: Known, symbol: str, before: date, holders: Sequence[Key]) -> bool:
    """Whether any of `holders` gave a close of `symbol` (ours) earlier than `before`."""
    earlier = f"session_date < date '{before}'"
    rows = known.read(" union all ".join(f"({_closes('1', symbol, holder, earlier)} limit 1)" for holder in holders))
    return bool(rows)


def _closes(what: str, symbol: str, holder: Key, condition: str) -> str:
    table, theirs = "_".join(holder), reference.equity_symbols(*holder).get(symbol, "")
    return f"""
        select {what} from {standing(table)}
        where symbol = '{theirs}' and close > 0 and {condition}"""  # noqa: S608 - names and dates are ours
