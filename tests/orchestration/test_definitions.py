"""What a data engineer finds in the Dagster UI: every part is there, is described, and holds the home while it runs."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from ingestion.catalogue import RAW_TABLES
from orchestration.run_lock import WRITER
from orchestration.validation.dictionary import tables


@pytest.fixture(scope="module")
def defs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    """As the UI loads them, over a home in which nothing was collected."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROTATION_HOME", str(tmp_path_factory.mktemp("definitions") / "home"))
        patch.delitem(sys.modules, "orchestration.definitions", raising=False)
        yield importlib.import_module("orchestration.definitions").defs
    sys.modules.pop("orchestration.definitions", None)


def test_the_names_that_are_started_and_switched_in_the_ui(defs: dg.Definitions) -> None:
    repository = defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs() if not job.name.startswith("__")}
    assert jobs == {"nightly_refresh", "data_docs"}
    assert [schedule.name for schedule in repository.schedule_defs] == ["nightly_refresh_schedule"]
    assert {sensor.name for sensor in repository.sensor_defs} == {"alert", "dead_runs", "inbox", "retention"}
    described = [*repository.schedule_defs, *repository.sensor_defs, *map(repository.get_job, sorted(jobs))]
    assert [each.name for each in described if not each.description] == []


def test_every_table_is_an_asset_of_its_layer_with_an_owner_kinds_and_a_description(defs: dg.Definitions) -> None:
    specs = {spec.key.path[0] + "." + spec.key.path[1]: spec for spec in defs.resolve_all_asset_specs()}
    published = {"published.rotation", "published.report", "published.data_docs"}
    assert set(specs) == {f"{schema}.{name}" for schema, name in tables()} | published
    for name, spec in specs.items():
        assert spec.group_name == name.split(".")[0]
        assert spec.owners, name
        assert spec.kinds, name
        assert spec.description, name


def test_every_raw_table_shows_what_its_columns_mean_and_where_it_lies(defs: dg.Definitions) -> None:
    specs = {spec.key: spec for spec in defs.resolve_all_asset_specs()}
    for table in RAW_TABLES:
        metadata = specs[dg.AssetKey(["raw", table.name])].metadata
        shown = metadata["dagster/column_schema"]
        assert [(column.name, bool(column.description)) for column in shown.columns] == [
            (name, bool(column.meaning)) for name, column in table.described.items()
        ]
        assert metadata["dagster/table_name"] == f"warehouse.raw.{table.name}"


def test_every_check_says_what_it_asks(defs: dg.Definitions) -> None:
    specs = [spec for checks in defs.asset_checks or () for spec in checks.check_specs]  # type: ignore[union-attr]
    assert len(specs) > 1000
    assert [spec.key for spec in specs if not spec.description] == []


def test_every_step_holds_the_home(defs: dg.Definitions) -> None:
    job = defs.resolve_implicit_global_asset_job_def()
    assert [node.name for node in job.nodes if WRITER not in node.definition.required_resource_keys] == []
