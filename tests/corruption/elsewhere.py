"""Corruptions outside the tables of the warehouse: bytes of landing, and what is published.

Belongs here: small homes made of real landed answers and of real marts, one way to spoil each, and what is read then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from ingestion.answers import answer
from ingestion.catalogue import every_dataset
from ingestion.collect import Dataset, Store, replay
from ingestion.errors import RotationError
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.landing.store import Landing
from ingestion.settings import Home
from ingestion.warehouse.raw import content_hash
from orchestration.publishing.promote import publish
from orchestration.validation.rules import Run
from orchestration.validation.runner import validate
from orchestration.validation.suites import suite_of
from tests.corruption.good import NIGHT

_MARTS = ("drawdowns", "equity_breakout")


@dataclass(frozen=True)
class Elsewhere:
    """One entry: `spoil` works on a good home, `use` must then raise a one-line error that says `says`."""

    layer: str
    what: str
    words: str
    gate: str
    spoil: Callable[[Home], object]
    use: Callable[[Home], object]
    says: str


@dataclass(frozen=True)
class Told:
    """What the operator read, and whether what was there before is untouched."""

    entry: Elsewhere
    message: str
    is_untouched: bool

    @property
    def problem(self) -> str | None:
        """What is not as it must be."""
        if not re.search(self.entry.says, self.message) or "\n" in self.message:
            return f"the operator reads {self.message!r}"
        return None if self.is_untouched else "what was there before is not there any more"


def tell(entry: Elsewhere, folder: Path, good: Path) -> Told:
    """Make a good home, spoil it, use it."""
    home = Home(home=folder)
    home.prepare()
    made = _landed(home) if entry.layer == "landing" else _published(home, good)
    entry.spoil(home)
    try:
        entry.use(home)
    except RotationError as error:
        return Told(entry, str(error).replace(str(folder), "…"), made == _state(home, entry.layer))
    return Told(entry, "", is_untouched=False)


def _state(home: Home, layer: str) -> str:
    if layer == "landing":
        with duckdb.connect(str(home.warehouse), read_only=True) as connection:
            return content_hash(connection, "fred_closes")
    return str((home.published / "rotation.duckdb").stat().st_mtime_ns)


def _fred() -> Dataset:
    return next(dataset for dataset in every_dataset() if dataset.source == "fred")


def _landed(home: Home) -> str:
    """Two batches of one provider, landed and loaded."""
    dataset = _fred()
    with closing(Store(home, [dataset])) as store:
        for number in range(2):
            body = f"observation_date,SP500\n2026-01-1{4 + number},{6900 + number}.5\n".encode()
            exchange = Exchange(Request("SP500", "/"), Outcome.OK, NIGHT.as_of + timedelta(days=number), 200, {}, body)
            store.add(dataset, NIGHT, [answer(dataset, exchange)])
    return _state(home, "landing")


def _published(home: Home, good: Path) -> str:
    """Two marts of the good night, audited and published."""
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute(f"attach '{good}' as good (read_only); create schema marts")
        for mart in _MARTS:
            connection.execute(f"create table marts.{mart} as from good.marts.{mart}")
        connection.execute("detach good")
        _audit(connection)
    _publish(home)
    return _state(home, "published")


def _audit(connection: duckdb.DuckDBPyConnection) -> None:
    for mart in _MARTS:
        validate(connection, suite_of("marts", mart), Run("corruption", NIGHT.day, NIGHT.as_of))


def _publish(home: Home) -> object:
    return publish(
        *(home.warehouse, home.published),
        night=NIGHT.day,
        as_of=NIGHT.as_of,
        run_id="corruption",
        market={"kind": "generated"},
    )


def _replay(home: Home) -> object:
    return replay(home, every_dataset())


def _newest_file(home: Home) -> Path:
    return Landing(home.landing).batches()[-1].path


def _flip(home: Home) -> None:
    path = _newest_file(home)
    body = bytearray(path.read_bytes())
    body[40] ^= 0xFF
    path.write_bytes(bytes(body))


def _cut(home: Home) -> None:
    path = _newest_file(home)
    path.write_bytes(path.read_bytes()[:-200])


def _exchange_body(home: Home) -> None:
    path = _newest_file(home)
    table = pq.read_table(path, partitioning=None)
    rows = table.to_pylist()
    rows[0]["body"] = rows[0]["body"].replace(b"6901.5", b"6991.5")
    pq.write_table(type(table).from_pylist(rows, schema=table.schema), path)


def _in_warehouse(sql: str, *, audit: bool = False) -> Callable[[Home], object]:
    def spoil(home: Home) -> None:
        with duckdb.connect(str(home.warehouse)) as connection:
            connection.execute(sql)
            if audit:
                _audit(connection)

    return spoil


_SHA, _UNREADABLE = "the sha256 kept beside each body", "reading a landed file"
_LEDGER, _AUDIT = "the ledger of loaded batches", "the audit of exactly this content"
_ALTERED = "update marts.drawdowns set share_above_80 = 0.99 where rowid = 0"

ENTRIES: Sequence[Elsewhere] = (
    Elsewhere("landing", "a landed file", "one byte flipped", _UNREADABLE, _flip, _replay, r"cannot be read|sha256"),
    Elsewhere("landing", "a landed file", "cut short", _UNREADABLE, _cut, _replay, "cannot be read .* from a copy"),
    Elsewhere(
        *("landing", "a landed file", "emptied", _UNREADABLE),
        *(lambda home: _newest_file(home).write_bytes(b""), _replay, "cannot be read .* from a copy"),
    ),
    Elsewhere(
        *("landing", "an answer", "a figure of the body changed", _SHA),
        *(_exchange_body, _replay, "does not match its sha256: the file was changed after landing"),
    ),
    Elsewhere(
        *("landing", "a landed file", "removed", _LEDGER),
        *(
            lambda home: _newest_file(home).unlink(),
            _replay,
            "1 batches that raw was loaded from are no longer in .* restore them from a copy",
        ),
    ),
    Elsewhere(
        *("published", "marts.drawdowns", "a figure changed after the audit", _AUDIT),
        *(_in_warehouse(_ALTERED), _publish, "no gate let this content through: marts.drawdowns;"),
    ),
    Elsewhere(
        *("published", "marts.drawdowns", "a row removed after the audit", _AUDIT),
        *(_in_warehouse("delete from marts.drawdowns where rowid = 0"), _publish, "through: marts.drawdowns;"),
    ),
    Elsewhere(
        *("published", "marts.by_hand", "a mart made by hand that no gate has seen", _AUDIT),
        *(_in_warehouse("create table marts.by_hand as select 1 as a"), _publish, "through: marts.by_hand;"),
    ),
    Elsewhere(
        *("published", "marts.drawdowns", "a share of 150 %, which the audit refused", _AUDIT),
        _in_warehouse("update marts.drawdowns set share_above_80 = 1.5 where rowid = 0", audit=True),
        *(_publish, "through: marts.drawdowns;"),
    ),
    Elsewhere(
        *("published", "marts.equity_breakout", "a column renamed after the audit", _AUDIT),
        *(_in_warehouse("alter table marts.equity_breakout rename column close to price"), _publish),
        "through: marts.equity_breakout;",
    ),
)
