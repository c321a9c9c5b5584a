"""Two vintages of the claims beside each other: which verdicts and values differ, and by how much.

Belongs here: naming a vintage, and comparing. A vintage is a published file: the present one, a kept one, a rebuild.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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
    with duckdb.connect() as connection:
        for name, path in (("a", one), ("b", other)):
            try:
                connection.execute(f"attach {quoted(path)} as {name} (read_only)")
            except duckdb.Error as error:
                raise SettingsError(
                    f"{path} is not a published DuckDB file ({' '.join(str(error).split())})"
                ) from error
        found = connection.execute(_DIFFERENCES).fetchall()
    return [Difference(claim, metric, (*verdicts,), (*values,)) for claim, metric, verdicts, values in found]


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
