"""A gate in Dagster: its verdict and the count of the quarantine do not hang on the page that tells of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion.answers import answer
from ingestion.catalogue import every_dataset
from ingestion.collect import Store
from ingestion.exchange import Exchange, Outcome, Request
from ingestion.night import Night
from ingestion.settings import Home
from orchestration.checks import CheckResult
from orchestration.gates import gates
from orchestration.reporting.validations import PAGE
from orchestration.run_lock import WRITER, writer
from orchestration.validation.suites import suite_of

NIGHT = Night(date(2026, 1, 16))
SATURDAY = date(2026, 1, 10)
DAYS = [NIGHT.day - timedelta(days=back) for back in range(60)]
TABLE = dg.AssetKey(["raw", "fred_closes"])


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("ROTATION_HOME", str(tmp_path / "home"))
    place = Home()
    place.prepare()
    return place


def collect(home: Home, *days: date) -> None:
    """One answer of FRED with a close of the S&P 500 on each of these days."""
    dataset = next(each for each in every_dataset() if each.source == "fred")
    body = "\n".join(["observation_date,SP500", *(f"{day},6900.5" for day in days), ""]).encode()
    known = datetime(2026, 1, 17, 10, 30, tzinfo=UTC)
    with closing(Store(home, [dataset])) as store:
        exchange = Exchange(Request("SP500", "/"), Outcome.OK, known, 200, {}, body)
        store.add(dataset, NIGHT, [answer(dataset, exchange)])


def judge(capfd: pytest.CaptureFixture[str]) -> tuple[set[str], list[str]]:
    """Run the gate of raw on the one table: the rules that failed as errors, and what was logged as a warning."""
    capfd.readouterr()
    job = dg.define_asset_job("judge", selection=dg.AssetSelection.checks_for_assets(TABLE))
    defs = dg.Definitions(
        assets=[dg.AssetSpec(TABLE)], asset_checks=gates()[:1], jobs=[job], resources={WRITER: writer}
    )
    result = defs.resolve_job_def("judge").execute_in_process(raise_on_error=False)
    judged = result.get_asset_check_evaluations()
    failed = {each.check_name for each in judged if not each.passed and each.severity is dg.AssetCheckSeverity.ERROR}
    assert len(judged) == len(suite_of("raw", "fred_closes").rules)
    assert not [event for event in result.all_events if event.is_step_failure and not failed]
    return failed, [line for line in capfd.readouterr().err.splitlines() if " - dagster - WARNING - " in line]


def counted(home: Home) -> list[tuple[str, str, int]]:
    with duckdb.connect(str(home.warehouse), read_only=True) as connection:
        return connection.execute("select table_name, rule, rows from meta.quarantine").fetchall()


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_page_that_cannot_be_written_hides_no_verdict_and_no_count(
    home: Home, is_writable: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    page = home.docs / PAGE
    if not is_writable:
        (page / "in the way").mkdir(parents=True)
    weekends = [day for day in DAYS if day.isoweekday() in (6, 7) and day != SATURDAY]
    collect(home, *(day for day in DAYS if day not in weekends))
    assert judge(capfd)[0] == set()
    assert not page.is_file()  # the night goes on, and a later gate writes it
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("drop table meta.quarantine")
    collect(home, *weekends)
    failed, warnings = judge(capfd)
    assert failed == {"session_on_a_weekend"}
    assert counted(home) == [("fred_closes", "session_on_a_weekend", 1)]
    assert page.is_file() == is_writable
    told = [line for line in warnings if f"{page} is not written (" in line]
    assert [line.endswith("the verdicts are in the warehouse") for line in told] == ([] if is_writable else [True])


def test_a_check_names_the_materialisation_it_judged_with_partitions_or_without(instance: dg.DagsterInstance) -> None:
    days = dg.DailyPartitionsDefinition("2026-01-01")

    @dg.asset(partitions_def=days)
    def daily() -> None: ...

    @dg.asset(deps=[daily])
    def mart() -> None: ...

    @dg.multi_asset_check(specs=[dg.AssetCheckSpec("rule", asset=asset.key) for asset in (daily, mart)])
    def gate() -> Iterator[dg.AssetCheckResult]:
        for asset in (daily, mart):
            yield CheckResult(passed=True, asset_key=asset.key, check_name="rule")

    job = dg.Definitions(
        assets=[daily, mart], asset_checks=[gate], jobs=[dg.define_asset_job("night", partitions_def=days)]
    ).resolve_job_def("night")
    for day in ("2026-01-15", "2026-01-16"):
        result = job.execute_in_process(instance=instance, partition_key=day)
        targets = [each.target_materialization_data for each in result.get_asset_check_evaluations()]
        assert [target and target.run_id for target in targets] == [result.run_id, result.run_id]
