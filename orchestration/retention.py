"""What is let go once it is old: Dagster's record of past runs, what the gates said of past nights, and landed batches
where the settings say so.

Belongs here: when it happens and what counts as old. Kept publications belong to publishing/. A night writes some five
thousand events, 10 MB, and 1,200 rows of `meta.validation_results`, 4 MB in a year of nights.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import dagster as dg
import duckdb

from ingestion.errors import HomeBusyError
from ingestion.forget import forget_landed
from ingestion.settings import Home, Retention
from ingestion.warehouse.lock import writer_lock
from orchestration.reporting.validations import NIGHTS
from orchestration.validation import ledger

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dataclass(frozen=True)
class LetGo:
    """How much one clearing let go."""

    runs: int
    results: int
    batches: int


def let_go(home: Home, instance: dg.DagsterInstance, now: datetime | None = None) -> LetGo:
    """Forget what is older than the settings keep. Raises `HomeBusyError` while another process holds the home."""
    settings, now = Retention(), now or datetime.now(UTC)
    old = dg.RunsFilter(statuses=_ENDED, created_before=now - timedelta(days=settings.run_days))
    runs = instance.get_run_records(old)
    for record in runs:
        instance.delete_run(record.dagster_run.run_id)
    if not home.warehouse.exists():
        return LetGo(len(runs), 0, 0)
    with writer_lock(home.home, "letting go of old results"), duckdb.connect(str(home.warehouse)) as connection:
        results = ledger.forget(connection, now - timedelta(days=settings.result_days), NIGHTS)
    if settings.landing_days is None:
        return LetGo(len(runs), results, 0)
    return LetGo(len(runs), results, forget_landed(home, now - timedelta(days=settings.landing_days)))


def retention_sensor(job: dg.JobDefinition | dg.UnresolvedAssetJobDefinition) -> dg.SensorDefinition:
    """Clears up after each night that the scheduler ran; the command line does so itself."""

    @dg.run_status_sensor(
        run_status=dg.DagsterRunStatus.SUCCESS,
        name="retention",
        monitored_jobs=[job],
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Forgets runs older than ROTATION_KEEP_RUN_DAYS, results of gates older than "
        "ROTATION_KEEP_RESULT_DAYS, and landed batches older than ROTATION_KEEP_LANDING_DAYS where that is set.",
    )
    def retention(context: dg.RunStatusSensorContext) -> dg.SkipReason | None:
        try:
            gone = let_go(Home(), context.instance)
        except HomeBusyError as error:  # the next night's clearing does it
            return dg.SkipReason(str(error))
        context.log.info(
            f"{gone.runs} runs, {gone.results} results of gates and {gone.batches} landed batches were old"
        )
        return None

    return retention
