"""A bad row that an incremental model keeps: the gate bites, and the next night makes the row anew."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from ingestion import catalogue
from ingestion.calendars import sessions
from ingestion.catalogue import RAW_TABLES
from ingestion.night import Night
from ingestion.nightly import collect_night
from ingestion.sandbox import server
from ingestion.settings import Home, ProviderUrls
from ingestion.warehouse import raw
from orchestration.gates import gates
from orchestration.layers import LAYERS, layer_assets
from orchestration.run import prepare_instance
from orchestration.run_lock import WRITER, writer
from orchestration.transform import Dbt
from orchestration.validation import ledger

NIGHT = Night(date(2026, 1, 16))
# Each mart with the model that keeps its rows, and the column that every row without a number has to explain.
KEPT = {
    "equity_crypto_correlation": ("int_equity_crypto_correlation", "correlation"),
    "equity_crypto_lead_lag": ("int_equity_crypto_lead_lag", "correlation"),
    "turning_point_matches": ("int_turning_points", "match_share"),
}
MARTS = [f"marts.{name}" for name in KEPT]


@pytest.fixture
def home(tmp_path: Path, own_environment: None) -> Home:
    """A home that has collected equities and nothing of crypto: every row says 'no data' for its reason."""
    place = Home(home=tmp_path / "home")
    prepare_instance(place)
    market = tmp_path / "market"
    market.mkdir()
    days = enumerate(sessions(date(2025, 12, 1), NIGHT.day))
    bars = [f"{symbol},{day},{at},{at + 1},{at - 1},{at},1000" for at, day in days for symbol in ("^RUT", "^GSPC")]
    (market / "equity_bars.csv").write_text("\n".join(["symbol,session_date,open,high,low,close,volume", *bars]) + "\n")
    with duckdb.connect(str(place.warehouse)) as connection:
        raw.prepare(connection, RAW_TABLES)
    with server.serve(market, NIGHT.day) as base:
        wanted = [dataset for dataset in catalogue.datasets() if dataset.source == "yahoo"]
        urls = ProviderUrls.model_validate({"yahoo_url": f"{base}/yahoo"})
        collect_night(place, NIGHT, wanted, urls, lambda: NIGHT.as_of, sleep=lambda _seconds: None)
    return place


@pytest.fixture
def night(home: Home) -> dg.JobDefinition:
    """The three marts with all they are made of and the gates of these tables, as a night runs them."""
    manifest = Dbt(home).manifest()
    wanted = dg.AssetSelection.assets(*(dg.AssetKey(["marts", name]) for name in KEPT)).upstream()
    return dg.Definitions(
        assets=[layer_assets(manifest, layer) for layer in LAYERS],
        asset_checks=gates(),
        resources={WRITER: writer},
        jobs=[dg.define_asset_job("night", wanted, executor_def=dg.in_process_executor)],
    ).resolve_job_def("night")


def run(job: dg.JobDefinition) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.get() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False)


def failures(result: dg.ExecuteInProcessResult) -> list[str]:
    return [
        f"{event.step_key}: {event.step_failure_data.error}" for event in result.all_events if event.is_step_failure
    ]


def contents(home: Home) -> dict[str, str]:
    with duckdb.connect(str(home.warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return ledger.content_hashes(connection, "marts", KEPT)


def test_a_bad_row_that_was_kept_stops_one_night_and_is_made_anew_in_the_next(
    home: Home, night: dg.JobDefinition
) -> None:
    assert failures(run(night)) == []
    good = contents(home)
    with duckdb.connect(str(home.warehouse)) as connection:
        for table, column in KEPT.values():
            assert connection.sql(f"select count(*) from intermediate.{table}").fetchall()[0][0] > 0
            connection.execute(f"update intermediate.{table} set reason = '' where {column} is null")

    stopped = run(night)
    assert failures(stopped) != []
    refused = {
        f"{each.asset_key.path[0]}.{each.asset_key.path[1]}": each
        for each in stopped.get_asset_check_evaluations()
        if not each.passed and each.blocking
    }
    # The inputs are what they were, so the rows were kept as they are.
    assert sorted(refused) == sorted(MARTS), failures(stopped)
    assert {each.check_name for each in refused.values()} == {"nothing_without_reason"}
    assert all(str(each.description).endswith("rows: a null says why") for each in refused.values())

    assert failures(run(night)) == []
    assert contents(home) == good
    with duckdb.connect(str(home.warehouse)) as connection:
        assert ledger.refused(connection, [*MARTS, *(f"intermediate.{kept}" for kept, _ in KEPT.values())]) == []
