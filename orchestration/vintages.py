"""Two vintages beside each other: which verdicts and values of the claims differ, and what was restated in between.

Belongs here: naming a vintage, and comparing. A vintage is a published file: the present one, a kept one, a rebuild.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from ingestion.errors import SettingsError
from ingestion.settings import Home
from orchestration.publishing import versions
from orchestration.publishing.files import DATABASE, quoted


@dataclass(frozen=True)
class Difference:
    """One claim or measure that the two vintages tell differently; None where a vintage does not have it."""

    claim_id: str
    metric: str
    verdicts: tuple[str | None, str | None]
    values: tuple[float | None, float | None]


@dataclass(frozen=True)
class Restated:
    """What one dataset restated that only one of the two vintages knows: how many values, and the largest of them.

    `share` is that change relative to the older value; None where none of the values is a number.
    """

    dataset: str
    reason: str
    values: int
    largest: str
    share: float | None


def file_of(home: Home, name: str) -> Path:
    """The file of a vintage: `published`, the number of a kept publication, or a path; raises `SettingsError`."""
    if name == "published":
        path = home.published / DATABASE
    elif name.isdigit():
        kept = versions.kept(home.published)
        if int(name) not in kept:
            listed = ", ".join(map(str, kept)) or "none"
            raise SettingsError(f"publication {name} is not kept in {home.published}: those kept are {listed}")
        path = kept[int(name)] / DATABASE
    else:
        path = Path(name)
    if not path.is_file():
        raise SettingsError(f"there is no vintage {name}: give 'published', a publication's number or a DuckDB file")
    return path


def compare_claims(one: Path, other: Path) -> list[Difference]:
    """What differs between the newest evaluations of two published files, by claim and measure.

    Values differ when they are not the same number; a rounding in the last digits (1e-12 of the value) is none.
    """
    found = _asked(one, other, _DIFFERENCES)
    return [Difference(claim, metric, (*verdicts,), (*values,)) for claim, metric, verdicts, values in found]


def restated_between(one: Path, other: Path) -> list[Restated]:
    """What `meta.revisions` of two published files tell differently: what one vintage knew in its older version."""
    return [Restated(*row) for row in _asked(one, other, _RESTATED)]


def _asked(one: Path, other: Path, question: str) -> list[tuple[Any, ...]]:
    """The answer of two published files together, as the databases a and b."""
    with duckdb.connect() as connection:
        for name, path in (("a", one), ("b", other)):
            try:
                connection.execute(f"attach {quoted(path)} as {name} (read_only)")
            except duckdb.Error as error:
                raise SettingsError(
                    f"{path} is not a published DuckDB file ({' '.join(str(error).split())})"
                ) from error
        return connection.execute(question).fetchall()


_NEWEST = """
    select claim_id, {metric} as metric, verdict, value from {database}.marts.{table}
    where evaluation_date = (select max(evaluation_date) from {database}.marts.claims)"""
_BOTH = " union all ".join(
    (
        _NEWEST.format(metric="''", database="{database}", table="claims"),
        _NEWEST.format(metric="metric", database="{database}", table="claim_measures"),
    )
)
_DIFFERENCES = f"""
    with a as ({_BOTH.format(database="a")}), b as ({_BOTH.format(database="b")})
    select claim_id, metric, [a.verdict, b.verdict], [a.value, b.value] from a full join b using (claim_id, metric)
    where a.verdict is distinct from b.verdict
       or (a.value is null) <> (b.value is null)
       or abs(a.value - b.value) > 1e-12 * greatest(abs(a.value), abs(b.value))
    order by try_cast(claim_id[2:] as integer), metric"""  # noqa: S608 - texts of this module

_RESTATED = """
    with between as (
        (from a.meta.revisions except all from b.meta.revisions)
        union all (from b.meta.revisions except all from a.meta.revisions))
    select source || ' ' || dataset as dataset, reason, count(*),
        arg_max(concat(row_key, ' ', column_name, ': ', old_value, ' -> ', new_value),
            (coalesce(abs(relative_change), -1), revised_at, row_key)),
        arg_max(relative_change, abs(relative_change))
    from between group by all order by count(*) desc, dataset, reason"""
