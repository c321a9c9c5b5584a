"""No look-ahead in the models themselves: every mart built on data cut at past dates has the same earlier rows.

The whole project is built by dbt over a generated market, then from nothing over the same market cut at each date. A
mart is dated by the day in its key, or by the column that its YAML names as `known_on`. What is `revised` there fills
in later and is left out. `sampled` says of a mart that it has month-ends and the newest day (`month_ends`) or the
newest day alone (`night`), `sampled_columns` of columns that they are filled on these: when days have gone by, such a
row is gone and such a value empty. So each night is compared with a build over the uncut facts, too, of which it must
see none that came later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import yaml

from ingestion.sandbox.generator import LAST_DAY, SMALL, Size
from orchestration.publication import grains
from tests.dbt.empty_warehouse import PROJECT, Warehouse
from tests.proofs import warehouse
from tests.proofs.report import Grid, Proof

# Every coin of the reference and no other; sessions enough for the windows of two years.
SIZE: Size = replace(SMALL, first_day=date(2023, 12, 1), filler_coins=0, perpetuals=12, ratio_days=110, tokens=7,
                     transfer_days=110)  # fmt: skip
DRAWS = 199  # instead of 1,999: how often is drawn has nothing to do with from when
DAYS_TO_FIRST_CUT, DAYS_BETWEEN_CUTS = 20, 8  # every weekday, and the turn of the year
NIGHTS_SEEN = 5
MODELS = PROJECT / "models"
_DATES = ("date", "session_date", "as_of_date", "evaluation_date")


@dataclass(frozen=True)
class Mart:
    """How the rows of one mart are dated and compared."""

    name: str
    key: tuple[str, ...]
    known_on: str
    sampling: str  # month_ends, night, or empty where no row goes
    revised: frozenset[str]
    sampled: frozenset[str]


@dataclass(frozen=True)
class Built:
    """A warehouse without any model, and a copy of it that is built as of the last day."""

    folder: Path
    raw: Warehouse
    whole: Warehouse


def proofs(grid: Grid) -> list[Proof]:
    """Two proofs a mart; the share of rows that are the same must be 1."""
    with TemporaryDirectory() as folder:
        return compared(whole(Path(folder)), cuts=grid.cuts, nights=min(grid.cuts, NIGHTS_SEEN))


def whole(folder: Path) -> Built:
    """The generated market and everything that follows from it."""
    place = folder / "raw"
    place.mkdir()
    raw = warehouse.filled(place, SIZE)
    everything = warehouse.cut(raw, folder / "whole", LAST_DAY)
    build(everything, LAST_DAY)
    return Built(folder, raw, everything)


def compared(built: Built, *, cuts: int, nights: int) -> list[Proof]:
    """Builds on the facts cut at `cuts` dates against the whole; the first `nights` of them also against builds of
    that night over all facts."""
    found: dict[str, Counter[str]] = {name: Counter() for name in ("earlier", "same", "of the night", "as then")}
    for at in range(cuts):
        day = LAST_DAY - timedelta(days=DAYS_TO_FIRST_CUT + at * DAYS_BETWEEN_CUTS)
        cut = warehouse.cut(built.raw, built.folder / f"cut-{day}", day)
        build(cut, day)
        for mart in marts():
            _count(found, mart.name, ("earlier", "same"), unchanged(built.whole, cut, mart, day))
        if at < nights:
            seen = warehouse.cut(built.raw, built.folder / f"seen-{day}", LAST_DAY)
            build(seen, day)
            for mart in marts():
                _count(found, mart.name, ("of the night", "as then"), identical(cut, seen, mart))
            seen.path.unlink()
        cut.path.unlink()
    return [
        *_shares("earlier rows are the same when the future is cut off", cuts, found["earlier"], found["same"]),
        *_shares("a past night sees nothing that came later", nights, found["of the night"], found["as then"]),
    ]


def _count(found: Mapping[str, Counter[str]], mart: str, names: tuple[str, str], counts: tuple[int, int]) -> None:
    for name, count in zip(names, counts, strict=True):
        found[name][mart] += count


def _shares(what: str, dates: int, rows: Mapping[str, int], kept: Mapping[str, int]) -> Iterator[Proof]:
    for mart, count in rows.items():
        if count:  # a mart that has its own night alone has no earlier row
            yield Proof(f"{mart}: {what}", f"{dates} dates", kept[mart] / count, 1.0, None, count)


def build(place: Warehouse, night: date) -> None:
    """Seeds and models from nothing; raises where one of them fails."""
    done = place.dbt(["build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"], night,
                     _fewer_draws())  # fmt: skip
    broken = [f"{node.node.name}: {node.message}" for node in done if node.status not in ("success", "pass", "no-op")]
    if broken:
        raise AssertionError(f"as of {night} these models fail: {'; '.join(broken)}")


def unchanged(whole: Warehouse, cut: Warehouse, mart: Mart, day: date) -> tuple[int, int]:
    """How many rows until `day` either build has, and how many of them are the same in both."""
    with _both(whole, cut) as connection:
        counted = connection.execute(f"""
            with before as ({_rows("first", mart)} where {mart.known_on} <= $day),
            after as ({_rows("second", mart)}),
            both_sides as (
                select before.key as old, after.key as new, before.hashed = after.hashed as is_same,
                    before.unsampled = after.unsampled as is_same_unsampled,
                    coalesce(before.known_on, after.known_on) = (select max(known_on) from after) as is_newest
                from before full join after using (key)
            )
            select count(*), count(*) filter (is_same or (is_newest and is_same_unsampled)) from both_sides
            where not (old is null and ($sampling = 'night' or (is_newest and $sampling = 'month_ends')))
        """, {"day": day, "sampling": mart.sampling}).fetchone()  # fmt: skip
    assert counted is not None
    return int(counted[0]), int(counted[1])


def identical(first: Warehouse, second: Warehouse, mart: Mart) -> tuple[int, int]:
    """How many rows either build has, and how many are the same in every column."""
    everything = replace(mart, revised=frozenset())
    with _both(first, second) as connection:
        counted = connection.execute(f"""
            select count(*), count(*) filter (old.hashed = new.hashed)
            from ({_rows("first", everything)}) as old full join ({_rows("second", everything)}) as new using (key)
        """).fetchone()
    assert counted is not None
    return int(counted[0]), int(counted[1])


@cache
def marts() -> tuple[Mart, ...]:
    """Every mart with a suite, and what its YAML says of its dates and of columns that change."""
    return tuple(_mart(name, grain.key) for name, grain in sorted(grains().items()))


def _mart(name: str, key: tuple[str, ...]) -> Mart:
    (path,) = MODELS.rglob(f"marts/*/{name}.yml")
    (model,) = read(path)["models"]
    known_on = _meta(model).get("known_on") or next((column for column in key if column in _DATES), None)
    if known_on is None:
        raise LookupError(f"marts.{name} has no day in its key: its YAML must name one as meta known_on")
    revised, sampled = (frozenset(_meta(model).get(flag, ())) for flag in ("revised", "sampled_columns"))
    return Mart(name, key, known_on, str(_meta(model).get("sampled", "")), revised, sampled)


def read(path: Path) -> dict[str, Any]:
    """One YAML file of the project."""
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def _meta(node: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = node.get("config", {}).get("meta", {})
    return found


def _rows(database: str, mart: Mart) -> str:
    """Every row with its key, its day and hashes of what does not change, with the sampled columns and without."""
    return f"""select row({", ".join(mart.key)})::varchar as key, {mart.known_on}::date as known_on,
        md5(row(*columns(*{_without(mart.revised)}))::varchar) as hashed,
        md5(row(*columns(*{_without(mart.revised | mart.sampled)}))::varchar) as unsampled
        from {database}.marts.{mart.name}"""


def _without(columns: frozenset[str]) -> str:
    return f" exclude ({', '.join(sorted(columns))})" if columns else ""


def _both(first: Warehouse, second: Warehouse) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(f"attach '{first.path}' as first (read_only); attach '{second.path}' as second (read_only)")
    return connection


def _fewer_draws() -> dict[str, Any]:
    """Every group of dbt vars that resamples, with fewer draws."""
    groups = read(PROJECT / "dbt_project.yml")["vars"]
    return {name: fewer for name, group in groups.items() if (fewer := _fewer(group)) != group}


def _fewer(group: Any) -> Any:
    if not isinstance(group, dict):
        return group
    return {name: DRAWS if name in ("draws", "permutations") else _fewer(value) for name, value in group.items()}
