"""Kept versions and going back to one: whole, atomic, on record, and not undone by the next run of the same night."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from small_marts import Killed, audit, files, kept, kill_at, manifest, promoted, read, write_marts

from orchestration.publishing.promote import Grain, PublishError, roll_back


def publish_days(home: Path, *days: int, **changes: object) -> None:
    for count in days:
        write_marts(home, count)
        audit(home)
        assert promoted(home, **changes).changed


HISTORY = "select publication_id, row_count, rolled_back_to from meta.publications order by 1"


def test_the_newest_versions_are_kept_whole_and_older_ones_pruned(home: Path) -> None:
    publish_days(home, 11, 12, 13, 14, keep=3)
    assert kept(home) == {2: 12, 3: 13, 4: 14}


def test_a_version_is_a_second_name_for_the_published_file_and_survives_its_replacement(home: Path) -> None:
    promoted(home)
    published, version = home / "published" / "rotation.duckdb", home / "published/versions/000001/rotation.duckdb"
    assert published.samefile(version)
    publish_days(home, 11)
    assert kept(home) == {1: 10, 2: 11}


def test_a_disk_without_hard_links_gets_copies(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refused)
    promoted(home)
    publish_days(home, 11)
    assert kept(home) == {1: 10, 2: 11}


def test_rolling_back_publishes_the_version_before_and_the_history_goes_on(home: Path) -> None:
    promoted(home)
    publish_days(home, 20)
    result = roll_back(home / "published", run_id="by hand", grains={"daily": Grain(("day",))})
    assert (result.changed, result.publication_id, result.tables) == (True, 3, {"assets": 1, "daily": 10})
    assert read(home, "select count(*) from marts.daily") == [(10,)]
    assert read(home, HISTORY) == [(1, 11, None), (2, 21, None), (3, 11, 1)]
    assert (manifest(home)["rolled_back_to"], manifest(home)["publication_id"]) == (1, 3)
    assert kept(home) == {1: 10, 2: 20, 3: 10}
    assert read(
        home, "select rows_removed from meta.publication_changes where publication_id = 3 and table_name = 'daily'"
    ) == [(10,)]


def test_rolling_back_twice_goes_back_two_publications(home: Path) -> None:
    publish_days(home, 11, 12, 13)
    roll_back(home / "published", run_id="by hand")
    roll_back(home / "published", run_id="by hand")
    assert read(home, "select count(*) from marts.daily") == [(11,)]
    assert read(home, HISTORY)[-2:] == [(4, 13, 2), (5, 12, 1)]
    with pytest.raises(
        PublishError, match=r"^no version before the present publication is kept in [^\n]*1, 2, 3, 4, 5$"
    ):
        roll_back(home / "published", run_id="by hand")


def test_a_chosen_version_is_published_and_an_unknown_one_is_refused_with_those_there_are(home: Path) -> None:
    publish_days(home, 11, 12, 13)
    roll_back(home / "published", 1, run_id="by hand")
    assert read(home, "select count(*) from marts.daily") == [(11,)]
    with pytest.raises(PublishError, match=r"^publication 9 is not kept in [^\n]*: choose one of 1, 2, 3, 4$"):
        roll_back(home / "published", 9, run_id="by hand")


def test_what_was_taken_back_stays_back_until_somebody_or_new_data_says_otherwise(home: Path) -> None:
    promoted(home)
    publish_days(home, 20)
    roll_back(home / "published", run_id="by hand")
    rerun = promoted(home)
    assert (rerun.changed, rerun.withheld) == (False, 2)
    assert read(home, "select count(*) from marts.daily") == [(10,)]
    assert promoted(home, again=True).changed
    assert read(home, "select count(*) from marts.daily") == [(20,)]
    roll_back(home / "published", run_id="by hand")
    publish_days(home, 21)
    assert read(home, "select count(*) from marts.daily") == [(21,)]


def test_a_damaged_version_is_refused(home: Path) -> None:
    promoted(home)
    publish_days(home, 20)
    with (home / "published/versions/000001/rotation.duckdb").open("ab") as handle:
        handle.write(b"x")
    with pytest.raises(PublishError, match=r"000001 is damaged: choose another one$"):
        roll_back(home / "published", run_id="by hand")
    assert read(home, "select count(*) from marts.daily") == [(20,)]


@pytest.mark.parametrize("step", range(19))
def test_a_rollback_killed_at_any_step_serves_readers_and_is_ended_by_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    promoted(home)
    publish_days(home, 20)
    with monkeypatch.context() as patched:
        kill_at(step, patched, Killed())
        with pytest.raises(Killed):
            roll_back(home / "published", run_id="by hand")
    begun = read(home, "select count(*) from marts.daily") == [(10,)]
    rerun = promoted(home)
    assert read(home, "select count(*) from marts.daily") == ([(10,)] if begun else [(20,)])
    assert manifest(home)["tables"]["daily"]["rows"] == (10 if begun else 20)
    assert files(home) == {"rotation.duckdb", "manifest.json", "parquet/daily.parquet", "parquet/assets.parquet"}
    assert (rerun.changed or rerun.withheld == 2) is begun


def test_a_published_file_nobody_can_read_is_replaced_with_the_history_of_the_newest_version(home: Path) -> None:
    publish_days(home, 11, 12)
    (home / "published" / "rotation.duckdb").unlink()
    (home / "published" / "rotation.duckdb").write_bytes(b"not a database")
    publish_days(home, 13)
    assert read(home, HISTORY) == [(1, 12, None), (2, 13, None), (3, 14, None)]
