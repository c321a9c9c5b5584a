"""What is done to a home while its process ends at a write point, and what must be true of the home afterwards.

Belongs here: the deeds (a first night, the next one, a window of past days, a replay), each asked of the sandbox's
server over its generated market, and the comparison with a home in which the same was done undisturbed.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import duckdb
import exchange_calendars

from ingestion import catalogue, chunk, reference
from ingestion.backfill import collect_window
from ingestion.collect import Dataset, replay
from ingestion.exchange import COMPLETE
from ingestion.landing.store import Landing
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox.generator import SMALL, Size, generate
from ingestion.settings import Home, ProviderUrls
from ingestion.sources.binance_vision import dataset as archive_dataset
from ingestion.sources.binance_vision import listing
from ingestion.warehouse import raw
from tests.crash.points import Points

# The small market has five-minute rows from 19 to 30 January.
FIRST, NEXT = Night(date(2026, 1, 27)), Night(date(2026, 1, 28))
WINDOW = Night(date(2026, 1, 20)), Night(date(2026, 1, 21))
SIZE: Size = replace(SMALL, first_day=date(2025, 10, 6), filler_coins=12, perpetuals=6, ratio_days=12, tokens=2,
                     transfer_days=80)  # fmt: skip
# One that is whole every night, one of many units with a checksum each, and two of the present.
_CHOSEN = (
    ("yahoo", "chart"),
    ("binance_vision", "metrics"),
    ("coingecko", "markets"),
    ("coinmetrics", "asset_metrics"),
)
_DAYS, _PERPETUALS = 3, 2
# All days of the archive but the newest are old enough for listings, and one listing serves two chunks.
_LATE_DAYS = 1
# Several chunks for a dataset: what is landed and what is not must part somewhere.
_CHUNK_UNITS = 4
_KEPT_FILES = ("landing/*/*/*/batch-*.parquet", "warehouse.duckdb", ".writer.lock")


def datasets() -> list[Dataset]:
    """Real datasets of the catalogue, the archive for a few days."""
    found = {each.key: each for each in catalogue.datasets()}
    archive = found["binance_vision", "metrics"]
    assert archive.over is not None
    few = replace(archive.over(_DAYS), over=archive.over, is_window=False)
    return [few if key == archive.key else found[key] for key in _CHOSEN]


class Deed(NamedTuple):
    """Something done to a home, what was done to it before, and what is done once it has ended early.

    Without `after` the same is done again. `takes_nothing_away`: what the home holds stays whole at any moment.
    """

    name: str
    do: Callable[[Home], object]
    before: tuple[Callable[[Home], object], ...] = ()
    after: Callable[[Home], object] | None = None
    takes_nothing_away: bool = False


def deeds(base_url: str) -> tuple[Deed, ...]:
    """All deeds, asked of the sandbox server at `base_url`."""
    urls = ProviderUrls.model_validate({f"{source}_url": f"{base_url}/{source}" for source, _ in _CHOSEN})

    def night(which: Night) -> Callable[[Home], object]:
        return lambda home: collect_night(home, which, datasets(), urls, lambda: which.as_of)

    def window(home: Home) -> object:
        return collect_window(home, *WINDOW, datasets(), urls, lambda: NEXT.as_of)

    def again(home: Home) -> object:
        return replay(home, datasets())

    both = night(FIRST), night(NEXT)
    return (
        Deed("first night", both[0]),
        Deed("next night", both[1], both[:1]),
        Deed("backfill", window, both[:1]),
        Deed("replay", again, both, takes_nothing_away=True),
        Deed("replay, then a night", again, both, after=both[1], takes_nothing_away=True),
    )


def make_market(directory: Path) -> Path:
    """A generated market, small enough to be collected a thousand times."""
    generate(directory, seed=1, size=SIZE)
    return directory


def prepare_process() -> None:
    """A few units stand for many, and the calendar is made once: for this process and those it forks."""
    calendar = exchange_calendars.get_calendar("XNYS", start="2025-06-01", end="2026-02-27")

    def sessions(_name: str, *, start: str, end: str) -> SimpleNamespace:
        return SimpleNamespace(sessions=calendar.sessions_in_range(start, end))

    exchange_calendars.get_calendar = sessions
    chosen = [each for each in reference.perpetuals() if each.is_valid(FIRST.day)][:_PERPETUALS]
    reference.perpetuals = lambda: chosen  # type: ignore[assignment]
    chunk.CHUNK_UNITS = _CHUNK_UNITS
    archive_dataset._LATE_DAYS = _LATE_DAYS


class Ended(NamedTuple):
    """How a process ended: its status, and what it said last."""

    status: int
    said: str


def run(deed: Deed, home: Path, fatal: int = 0) -> Ended:
    """Do it in a process of its own, which ends at the write point number `fatal` (0: at none)."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        status = 1

        def tell(text: str) -> None:
            os.write(writing, text.encode()[-2000:])

        try:
            points = Points(home, fatal, tell)
            points.watch()
            deed.do(Home(home=home))
            tell(str(points.passed))
            status = 0
        except BaseException:
            tell(traceback.format_exc())
        finally:
            sys.stderr.flush()
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, code = os.waitpid(pid, 0)
    return Ended(os.waitstatus_to_exitcode(code), said)


@dataclass(frozen=True)
class Content:
    """What a home holds, without the ids of batches: after a kill chunks are cut elsewhere, and hold the same.

    `again` are answers that complete nothing: failures, and listings, which serve many units. Who asks again asks for
    those again, and lands both answers.
    """

    landed: Counter[tuple[str, ...]]
    again: set[tuple[str, ...]]
    raw: dict[str, str]
    meta: dict[str, Counter[tuple[Any, ...]]]


_META = {
    "request_outcomes": "* exclude (batch_id, position) where outcome in ('ok', 'empty') and kind <> 'listing'",
    "revisions": "* exclude (batch_id)",
    "coverage": "*",
    "coverage_gaps": "*",
    "backfills": "*",
    # In one batch or in two: the rows that came in, and what became of them, are as many.
    "batches": "source, dataset, night, table_name, sum(rows_new), sum(rows_changed) where true group by all",
}


def content(home: Path) -> Content:
    """Read a home; every landed body is checked against its hash on the way."""
    landed: Counter[tuple[str, ...]] = Counter()
    again = set()
    batches = Landing(home / "landing").batches()
    for batch in batches:
        for exchange in batch.exchanges():
            asked, headers = exchange.request, dict(exchange.headers) | {"date": ""}
            serves_many = asked.kind == listing.KIND
            unit = "" if serves_many else asked.unit
            told = (
                *(batch.source, batch.dataset, str(batch.night), unit, asked.kind, asked.as_json()),
                *(
                    exchange.outcome,
                    json.dumps(headers, sort_keys=True),
                    exchange.body_sha256,
                    str(exchange.fetched_at),
                ),
            )
            if exchange.outcome in COMPLETE and not serves_many:
                landed[told] += 1
            else:
                again.add(told)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        tables = [parsed.table.name for dataset in datasets() for parsed in dataset.tables]
        meta = {
            name: Counter(connection.execute(_selected(name, columns)).fetchall()) for name, columns in _META.items()
        }
        in_ledger = connection.execute("select distinct batch_id from meta.batches order by 1").fetchall()
        if [number for (number,) in in_ledger] != [batch.batch_id for batch in batches]:
            raise AssertionError(f"the ledger has other batches than landing: {in_ledger}")
        return Content(landed, again, {table: raw.content_hash(connection, table) for table in tables}, meta)


def _selected(table: str, columns: str) -> str:
    chosen, where, condition = columns.partition(" where ")
    return f"select {chosen} from meta.{table}{where}{condition}"


def differences(found: Content, expected: Content) -> Iterator[str]:
    """What is not as in the undisturbed home, in words."""
    if not any(listing.KIND in told for told in expected.again):
        yield "the undisturbed home asked the archive for no listing: the kills pass that path by"
    for lost in expected.landed - found.landed:
        yield f"lost from landing: {lost[:5]}"
    for doubled in found.landed - expected.landed:
        yield f"more than once, or new, in landing: {doubled[:5]}"
    for other in found.again ^ expected.again:
        yield f"a failure or a listing of one home only: {other[:5]}"
    for table in expected.raw:
        if found.raw[table] != expected.raw[table]:
            yield f"raw.{table} holds {found.raw[table]} and not {expected.raw[table]}"
    for table, rows in expected.meta.items():
        if found.meta[table] != rows:
            lacking, added = list(rows - found.meta[table]), list(found.meta[table] - rows)
            yield f"meta.{table} lacks {lacking[:2]} and has {added[:2]} in their place"


def orphans(home: Path) -> list[str]:
    """Files that nobody will ever read."""
    known = {path for pattern in _KEPT_FILES for path in home.glob(pattern)}
    return sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file() and path not in known)


class Trial:
    """One deed: how its home looks before, and after it when nobody disturbs it."""

    def __init__(self, deed: Deed, folder: Path) -> None:
        self.deed = deed
        self._folder = folder
        self._before = folder / "before"
        for step in deed.before:
            _must_end_well(run(Deed("before", step), self._before))
        if not deed.before:
            self._before.mkdir(parents=True)
        self._second = Deed("again", deed.after or deed.do)
        whole = self._fresh("whole")
        self.points = int(_must_end_well(run(deed, whole)))
        if deed.after:
            _must_end_well(run(self._second, whole))
        self._expected = content(whole)
        self._untouched = content(self._before) if deed.before else None

    def problems(self, fatal: int) -> tuple[str, list[str]]:
        """End at this point, do it again to its end, compare; returns the name of the point and what is wrong."""
        home = self._fresh("home")
        ended = run(self.deed, home, fatal)
        if not ended.status:
            return "", []
        if ended.status < 0 or ended.said.startswith("Traceback"):
            return "", [f"it failed by itself: {ended.said}"]
        found = list(self._while_down(home))
        second = run(self._second, home)
        if second.status:
            return ended.said, [*found, f"it could not be done again: {second.said.strip().splitlines()[-1]}"]
        try:
            found += differences(content(home), self._expected)
        except Exception as error:
            found.append(f"the home cannot be read: {type(error).__name__} {error}")
        if left := orphans(home):
            found.append(f"left behind: {left}")
        return ended.said, found

    def _while_down(self, home: Path) -> Iterator[str]:
        """A replay that ended early: the old tables are there, or already the new ones."""
        if self.deed.takes_nothing_away and self._untouched is not None:
            yield from differences(content(home), self._untouched)

    def _fresh(self, name: str) -> Path:
        place = self._folder / name
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._before, place)
        return place


def _must_end_well(ended: Ended) -> str:
    if ended.status:
        raise RuntimeError(f"the undisturbed run failed: {ended.said}")
    return ended.said
