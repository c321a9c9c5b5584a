"""The page of the last nights: every verdict in its colour, hostile text harmless, a bound on its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from orchestration.reporting.validations import Cell, write_validations
from orchestration.validation import ledger
from orchestration.validation.rules import Run, Suite, Whole, filled, measured, never, one_of
from orchestration.validation.runner import validate

NIGHT = Run("run", date(2026, 1, 14), datetime(2026, 1, 15, 10, 30, tzinfo=UTC))
HOSTILE = "<script>alert(1)</script>"
MART = Suite(
    "marts",
    "t",
    ("name",),
    Whole(),
    (
        one_of("name", "good", why="only good names", severity="warning"),
        filled("value", why="a row has a value"),
        measured("rows", "select count(*) from {table}", 1, None, why="some rows"),
    ),
)


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts; create table marts.t (name varchar, value double)")
        ledger.prepare(connection)
        yield connection


def judge(
    warehouse: duckdb.DuckDBPyConnection, days: int, *rows: tuple[str, float | None], suite: Suite = MART
) -> None:
    warehouse.execute("delete from marts.t")
    for row in rows:
        warehouse.execute("insert into marts.t values (?, ?)", list(row))
    later = timedelta(days=days)
    validate(warehouse, suite, replace(NIGHT, night=NIGHT.night + later, checked_at=NIGHT.checked_at + later))


def written(warehouse: duckdb.DuckDBPyConnection, folder: Path) -> str:
    return write_validations(warehouse, folder / "docs" / "validations.html", "a <market>").read_text(encoding="utf-8")


def test_before_the_first_night_the_page_says_what_to_do(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    page = written(warehouse, tmp_path)
    assert "No night has been judged yet" in page
    assert "rotation demo" in page
    assert "a &lt;market&gt;" in page


def test_each_night_has_its_colour_its_rules_and_its_keys(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    judge(warehouse, 0, ("good", 1.0))
    judge(warehouse, 1, ("odd", 1.0))
    judge(warehouse, 2, ("good", None))
    page = written(warehouse, tmp_path)
    colours = [page.count(f'<td class="{colour}"') for colour in ("green", "amber", "red", "grey")]
    assert colours == [2, 2, 2, 0]  # the layer's row and the table's
    assert 'title="6 rules, 1 new rows\nname_to_be_in_set: name odd">1</td>' in page
    assert "<td>value_to_not_be_null</td>" in page
    assert "1 of 1 rows: a row has a value" in page
    assert "<code>name good</code>" in page
    assert page.index("Night of 2026-01-16") < page.index("Night of 2026-01-14")


def test_a_rule_that_could_not_be_evaluated_is_told_apart(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    judge(warehouse, 0, ("good", 1.0), suite=replace(MART, expectations=(never("odd", "nowhere = 1", why="w"),)))
    page = written(warehouse, tmp_path)
    assert ">1!</td>" in page
    assert "could not be evaluated" in page
    assert "Referenced column" in page


def test_what_could_not_be_evaluated_for_one_reason_is_told_once(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judge(warehouse, 0, suite=replace(MART, table="gone"))
    page = written(warehouse, tmp_path)
    assert page.count("there is no table marts.gone") == 1
    assert "<td>key_is_complete and 5 more</td>" in page
    assert "0 kept" in page
    assert "in <code>meta.validation_results</code>." not in page.split("Night of")[1]


def test_a_night_that_ran_again_is_what_its_newest_run_said(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    judge(warehouse, 0, ("good", None))
    warehouse.execute("update meta.validation_results set checked_at = checked_at - interval 1 hour")
    judge(warehouse, 0, ("good", 1.0))
    page = written(warehouse, tmp_path)
    assert '<td class="red"' not in page
    assert "every rule of every table was kept" in page


def test_a_layer_that_was_not_reached_is_grey(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    judge(warehouse, 0, ("good", 1.0))
    warehouse.execute(
        "insert into meta.validation_results by name select * replace ('raw' as schema_name) "
        "from meta.validation_results"
    )
    warehouse.execute(
        "insert into meta.validation_results by name select * replace (night + 1 as night) "
        "from meta.validation_results where schema_name = 'raw'"
    )
    page = written(warehouse, tmp_path)
    assert '<td class="grey" title="not judged that night">·</td>' in page


def test_text_of_providers_is_text(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    judge(warehouse, 0, (f'{HOSTILE}" onmouseover="x', 1.0))
    page = written(warehouse, tmp_path)
    assert HOSTILE not in page
    assert 'onmouseover="x' not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_page_is_bounded_however_many_nights_rules_and_letters(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    warehouse.execute("""
        insert into meta.validation_results
        select 'run', date '2026-01-14' + night::integer, timestamptz '2026-01-15 10:30:00+00' + night * interval 1 day,
            'marts', 't' || (rule // 10), 'rule_' || rule, null, if(rule % 2 = 0, 'critical', 'warning'),
            'violated', 1, 9, null, repeat('long ', 80), json_array(json_object('name', repeat('x', 400))), null
        from range(40) as n(night), range(1200) as r(rule)""")
    page = written(warehouse, tmp_path)
    assert page.count('<section id="night-') == 30
    assert "2026-01-23" not in page
    assert "And 1160 more" in page
    assert len(page) < 2_500_000


def test_a_cell_reads_without_its_colour() -> None:
    assert (Cell().label, Cell(rules=4).label, Cell(rules=4, warning=2).label) == ("·", "", "2")
    assert Cell(rules=4, warning=1, blocking=1, unevaluated=1).label == "2!"
