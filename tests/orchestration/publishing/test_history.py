"""What a publication changed: rows by declared grain, columns, tables."""

from __future__ import annotations

from pathlib import Path

import duckdb
from small_marts import audit, promoted, read, write_marts

from orchestration.publishing.history import Grain

GRAINS = {"daily": Grain(("day",), ("days",)), "assets": Grain(("symbol",))}
CHANGES = """select status, rows_before, rows_after, rows_added, rows_changed, rows_removed
    from meta.publication_changes
    where table_name = 'daily' and publication_id = (select max(publication_id) from meta.publications)"""


def alter(home: Path, statement: str) -> None:
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(statement)
    audit(home)


def test_the_first_publication_is_all_new(home: Path) -> None:
    promoted(home, grains=GRAINS)
    assert read(home, CHANGES) == [("new", 0, 10, 10, 0, 0)]


def test_rows_are_compared_by_their_key_and_stamps_are_no_change(home: Path) -> None:
    promoted(home, grains=GRAINS)
    write_marts(home, days=12)  # two days more; `days`, stamped on every row, differs everywhere
    alter(home, "update marts.daily set value = -1 where day = date '2026-01-03'")
    alter(home, "delete from marts.daily where day = date '2026-01-05'")
    promoted(home, grains=GRAINS)
    assert read(home, CHANGES) == [("changed", 10, 11, 2, 1, 1)]
    untouched = "select status from meta.publication_changes where table_name = 'assets' order by publication_id"
    assert read(home, untouched) == [("new",), ("unchanged",)]


def test_without_a_key_a_changed_row_is_one_removed_and_one_added(home: Path) -> None:
    promoted(home)
    alter(home, "update marts.daily set value = -1 where day = date '2026-01-03'")
    promoted(home)
    assert read(home, CHANGES) == [("changed", 10, 10, 1, None, 1)]


def test_a_null_in_the_key_is_the_same_row_again(home: Path) -> None:
    grains = {"daily": Grain(("day", "value"))}
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("update marts.daily set value = null where value < 1")
    audit(home)
    promoted(home, grains=grains)
    alter(home, "update marts.daily set days = 0 where value is null")
    promoted(home, grains=grains)
    assert read(home, CHANGES) == [("changed", 10, 10, 0, 7, 0)]


def test_columns_and_tables_that_come_and_go_are_named(home: Path) -> None:
    promoted(home, grains=GRAINS)
    alter(home, "alter table marts.daily add column fresh integer")
    alter(home, "alter table marts.daily drop column days")
    alter(home, "alter table marts.daily alter value type float")
    alter(home, "drop table marts.assets")
    promoted(home, grains=GRAINS)
    rows = read(
        home,
        """select table_name, status, rows_removed, columns_added, columns_removed, columns_retyped
        from meta.publication_changes where publication_id = 2 order by 1""",
    )
    assert rows[0] == ("assets", "dropped", 1, [], [], [])
    assert (rows[1][0], rows[1][3:]) == ("daily", (["fresh"], ["days"], ["value: DOUBLE → FLOAT"]))


def test_a_publication_made_before_changes_were_recorded_keeps_its_history(home: Path) -> None:
    promoted(home)
    path = home / "published" / "rotation.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("drop table meta.publication_changes")
        connection.execute("alter table meta.publications drop column rolled_back_to")
    write_marts(home, days=20)
    audit(home)
    promoted(home)
    assert read(home, "select publication_id, rolled_back_to from meta.publications order by 1") == [
        (1, None),
        (2, None),
    ]
    assert read(home, "select distinct publication_id from meta.publication_changes") == [(2,)]
