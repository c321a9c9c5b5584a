"""The coverage ledger: what every dataset should hold, what it holds, and why the rest is missing.

Expected is what a dataset plans when nothing is known, what a backfill was asked for, and what was asked of the same
symbols before; a dataset that says which rows make a day (`DailyRows`) is held to its rows too. Gaps that follow each
other for the same reason are one row, so that the ledger grows with troubles and not with days.
Belongs here: `meta.coverage` (one row a dataset and night) and `meta.coverage_gaps` (the gaps of the newest night).
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

import duckdb
import pyarrow as pa

from ingestion.night import Night
from ingestion.warehouse.transactions import transaction

if TYPE_CHECKING:
    from ingestion.collect import Dataset
    from ingestion.warehouse.raw import RawTable

TABLES = """
    create table if not exists meta.coverage (
        source varchar not null, dataset varchar not null, night date not null, expected bigint not null,
        missing bigint not null, primary key (source, dataset, night));
    create table if not exists meta.coverage_gaps (
        source varchar not null, dataset varchar not null, symbol varchar, first_day date, last_day date,
        reason varchar not null, missing bigint not null, expected_rows bigint, present_rows bigint, unit varchar,
        last_asked_at timestamptz, error varchar, night date not null);
    create table if not exists meta.backfills (
        source varchar not null, dataset varchar not null, first_day date not null, last_day date not null,
        primary key (source, dataset, first_day, last_day))"""
# Of one dataset; the newest ones. More are not read one by one, and `meta.coverage` counts them all.
MOST_GAPS = 5_000
_PERIOD = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d))?(?:\.\.(\d{4}-\d\d-\d\d))?")
_UNITS = pa.schema(
    [("unit", pa.string()), ("symbol", pa.string()), ("first_day", pa.date32()), ("last_day", pa.date32())]
)


@dataclass(frozen=True)
class DailyRows:
    """Which rows of a raw table make a day of a symbol. `symbol`, `day` and `moment` are SQL over its columns.

    A symbol is expected on every day of the calendar from its first one to the night, but for the newest `lag_days`.
    `rows` is how many different moments a whole day has, as SQL over `symbol`.
    """

    table: RawTable
    symbol: str
    day: str
    moment: str = "1"
    rows: str = "1"
    calendar: Literal["every day", "XNYS"] = "every day"
    lag_days: int = 0


def period_of(unit: str) -> tuple[str | None, date | None, date | None]:
    """The symbol of a unit and the days (both included) it is about: the part that names a day, a month or a range."""
    days: tuple[date | None, date | None] = None, None
    rest = []
    for part in unit.split("/"):
        found = _PERIOD.fullmatch(part) if days[0] is None else None
        if found is None:
            rest.append(part)
            continue
        year, month = int(found[1]), int(found[2])
        first = date(year, month, int(found[3] or 1))
        last = first if found[3] else date(year, month, calendar.monthrange(year, month)[1])
        days = first, date.fromisoformat(found[4]) if found[4] else last
    return "/".join(rest) or None, *days


def assess(connection: duckdb.DuckDBPyConnection, dataset: Dataset, night: Night) -> None:
    """Write the coverage of one dataset as this night leaves it, in one transaction."""
    fault = _expect(connection, dataset, night)
    connection.execute(_GAPS, {"source": dataset.source, "dataset": dataset.name, "night": night.day})
    connection.execute(_UNIT_DAYS)
    expected = _count(connection, "expected_units")
    for daily in dataset.daily:
        expected += _add_missing_rows(connection, daily, night)
    if fault is not None:
        connection.execute(
            "insert into gaps (first_day, last_day, reason, error) values ($1, $1, 'not_planned', $2)",
            [night.day, fault],
        )
    with transaction(connection):
        connection.execute("delete from meta.coverage_gaps where source = ? and dataset = ?", dataset.key)
        connection.execute(_WRITE, {"source": dataset.source, "dataset": dataset.name, "night": night.day})
        connection.execute(
            "insert or replace into meta.coverage select ?, ?, ?, ?, count(*) from gaps",
            [*dataset.key, night.day, expected],
        )
    connection.execute("drop table gaps; drop table expected_units; drop table unit_days")


def record_window(connection: duckdb.DuckDBPyConnection, dataset: Dataset, first: date, last: date) -> None:
    """Remember that a backfill wants these days: what of it is not asked yet is a gap until it is."""
    connection.execute("insert or ignore into meta.backfills values (?, ?, ?, ?)", [*dataset.key, first, last])


def _expect(connection: duckdb.DuckDBPyConnection, dataset: Dataset, night: Night) -> str | None:
    """`expected_units`: the units of this dataset with their symbols and days; returns why they cannot be planned."""
    asked = connection.execute(
        "select distinct unit from meta.request_outcomes where source = ? and dataset = ?", dataset.key
    ).fetchall()
    planned, fault = {}, None
    try:
        planned = {unit: period_of(unit) for unit in _planned(connection, dataset, night)}
    except Exception as error:  # a fault of one source: the others have their coverage all the same
        fault = f"{type(error).__name__}: {error}"
    symbols = {symbol for symbol, *_ in planned.values()}
    before = {unit: period_of(unit) for (unit,) in asked if unit not in planned}
    rows = [(unit, *told) for unit, told in (planned | before).items() if fault or dataset.after or told[0] in symbols]
    arrow = pa.Table.from_arrays(
        [pa.array([row[place] for row in rows], kind.type) for place, kind in enumerate(_UNITS)], schema=_UNITS
    )
    connection.register("told", arrow)
    try:
        connection.execute("create or replace temp table expected_units as select * from told order by unit")
    finally:
        connection.unregister("told")
    return fault


def _planned(connection: duckdb.DuckDBPyConnection, dataset: Dataset, night: Night) -> Iterator[str]:
    def read(sql: str) -> list[tuple[Any, ...]]:
        return connection.execute(sql).fetchall()

    yield from dataset.expected_units(night, read)
    windows = connection.execute(
        "select first_day, last_day from meta.backfills where source = ? and dataset = ?", dataset.key
    ).fetchall()
    if dataset.over is not None:
        for first, last in windows:
            yield from dataset.over((last - first).days + 1).expected_units(Night(last), read)
    if dataset.is_snapshot:
        (first,) = connection.execute(
            "select min(night) from meta.request_outcomes where source = ? and dataset = ?", dataset.key
        ).fetchall()[0]
        for back in range((night.day - first).days if first else 0):
            yield from dataset.expected_units(Night(first + timedelta(days=back)), read)


def _add_missing_rows(connection: duckdb.DuckDBPyConnection, daily: DailyRows, night: Night) -> int:
    """Add to `gaps` the days that the answers did not hold or held in part; returns the days expected."""
    _count_held(connection, daily)
    ((first,),) = connection.execute("select min(day) from held").fetchall()
    end = night.day - timedelta(days=daily.lag_days)
    if first is None or first > end:
        return 0
    days = pa.table({"day": pa.array(_days(daily, first, end), pa.date32())})
    connection.register("calendar_days", days)
    try:
        connection.execute(f"""
            create or replace temp table due as
            select symbol, day, day_number, {daily.rows} as expected_rows, coalesce(present_rows, 0) as present_rows
            from (select symbol, min(day) as first_day from held group by symbol)
            join (select day, row_number() over (order by day) as day_number from calendar_days) on day >= first_day
            left join held using (symbol, day)
            where symbol not in (select symbol from unit_days) or (symbol, day) in (select (symbol, day) from unit_days)
            """)  # noqa: S608
    finally:
        connection.unregister("calendar_days")
    connection.execute("""
        insert into gaps
        select due.symbol, due.day, due.day, case when present_rows = 0 then 'not_in_answer' else 'short_day' end,
            due.expected_rows, due.present_rows, null, null, null, false, due.day_number
        from due where due.present_rows < due.expected_rows and not exists (
            select 1 from gaps where gaps.is_asked_nightly and due.day >= coalesce(gaps.first_day, due.day)
            and (gaps.symbol = due.symbol or due.symbol not in (select symbol from expected_units)))""")
    expected = _count(connection, "due")
    connection.execute("drop table due; drop table held")
    return expected


def _count_held(connection: duckdb.DuckDBPyConnection, daily: DailyRows) -> None:
    """`held`: how many different moments of each symbol and day there are. One batch holds a moment once."""
    columns = f"{daily.symbol} as symbol, {daily.day} as day"
    connection.execute(f"""
        create or replace temp table held as
        select {columns}, count(*) as present_rows, min(_batch_id) < max(_batch_id) as is_from_several
        from raw.{daily.table.name} group by all""")  # noqa: S608 - SQL of our own sources
    connection.execute(f"""
        update held set present_rows = recounted.present_rows
        from (
            select {columns}, count(distinct {daily.moment}) as present_rows from raw.{daily.table.name}
            where ({daily.symbol}, {daily.day}) in (select (symbol, day) from held where is_from_several)
            group by all) as recounted
        where held.symbol = recounted.symbol and held.day = recounted.day""")  # noqa: S608


def _days(daily: DailyRows, first: date, last: date) -> Iterable[date]:
    if daily.calendar == "every day":
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    import exchange_calendars  # noqa: PLC0415 - a second, for those who need sessions

    # The calendar wants a start that is no later than its end and holds one session at least.
    sessions = exchange_calendars.get_calendar(
        daily.calendar, start=str(first - timedelta(days=10)), end=str(last)
    ).sessions
    return [day for day in sessions.date if day >= first]


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])  # noqa: S608


# A unit about days is present when any night completed it; one that is asked every night, when this night did.
_GAPS = """
    create or replace temp table gaps as
    with asked as (
        select unit, night,
            arg_max({'outcome': outcome, 'error': error, 'at': fetched_at}, (batch_id, position)) as last
        from meta.request_outcomes where source = $source and dataset = $dataset group by unit, night),
    known as (
        select unit, arg_max(last, night) as last, max(night) filter (last.outcome in ('ok', 'empty')) as completed
        from asked group by unit),
    first_held as (
        select symbol, min(first_day) as day
        from expected_units join known using (unit) where completed is not null group by symbol)
    select expected_units.symbol,
        case when first_day is null then completed + 1 else first_day end as first_day,
        case when first_day is null then $night else last_day end as last_day,
        case
            when last.outcome is null or first_day is null and last.outcome in ('ok', 'empty') then 'not_asked'
            when last.outcome = 'not_found' and first_held.day > last_day then 'not_listed'
            when last.outcome = 'not_yet' then 'not_yet_published'
            when last.outcome in ('server_error', 'unreachable') then 'no_answer'
            when last.outcome = 'bad_payload' then 'unreadable'
            when last.outcome = 'bad_request' then 'refused'
            else last.outcome
        end as reason,
        cast(null as bigint) as expected_rows, cast(null as bigint) as present_rows,
        unit, last.at as last_asked_at, last.error as error, first_day is null as is_asked_nightly,
        date_diff('day', date '1970-01-01', first_day) as day_number
    from expected_units left join known using (unit)
    left join first_held on first_held.symbol is not distinct from expected_units.symbol
    where completed is null or first_day is null and completed < $night"""
# The days of a symbol whose unit was completed: only there can rows be missing inside an answer.
_UNIT_DAYS = """
    create or replace temp table unit_days as
    select distinct symbol, unnest(generate_series(first_day, last_day, interval 1 day))::date as day
    from expected_units
    where first_day is not null and symbol is not null and unit not in (select unit from gaps where unit is not null)"""
_WRITE = f"""
    insert into meta.coverage_gaps
    with islands as (
        select *, day_number - row_number() over (partition by symbol, reason, error order by day_number) as island
        from gaps)
    select $source, $dataset, symbol, min(first_day), max(last_day), reason, count(*), sum(expected_rows),
        sum(present_rows), min(unit), max(last_asked_at), error, $night
    from islands group by symbol, reason, error, island
    order by max(last_day) desc nulls first, symbol, reason limit {MOST_GAPS}"""  # noqa: S608
