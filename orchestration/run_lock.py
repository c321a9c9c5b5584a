"""One run at a time, whoever started it: the home's lock as a Dagster resource, and runs that died with their process.

Belongs here: what a run holds from its first step to its last, and how the record of a run that nobody ended is closed.
The command line holds the same lock around its own runs; the lock itself belongs to ingestion.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta

import dagster as dg
import tenacity

from ingestion.errors import HomeBusyError
from ingestion.settings import Home, read_settings
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.alerts import BY_COMMAND, alert, purpose

WRITER = "writer"  # required by every step, so that a run holds the lock once for all of them
PATIENCE = timedelta(hours=1)
LONGEST_WAIT = timedelta(seconds=30)  # and a line in the log each time
# Starting a run takes seconds, and one that waits says so every LONGEST_WAIT.
SILENCE = timedelta(minutes=5)
_DEAD = "Its process is gone: it was killed, or the machine stopped. Run it again."
_IN_PROGRESS = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@dg.resource(description="The home's lock, held from a run's first step to its last: no other writer comes in between.")
@contextmanager
def writer(context: dg.InitResourceContext) -> Iterator[None]:
    """Hold the home for the whole run; waits up to an hour for whoever has it, then raises `HomeBusyError` naming it.
    Raises `SettingsError` before for a setting that cannot be read.

    A night that nobody watches should come late rather than not at all.
    """
    read_settings()
    waiting = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(HomeBusyError),
        wait=tenacity.wait_exponential(max=LONGEST_WAIT),
        stop=tenacity.stop_after_delay(PATIENCE),
        before_sleep=lambda state: _tell_that_it_waits(context, state),
        reraise=True,
    )
    with ExitStack() as held:
        waiting(lambda: held.enter_context(writer_lock(Home().home, _purpose(context.run))))
        yield


def _purpose(run: dg.DagsterRun | None) -> str:
    return "Dagster" if run is None else f"{purpose(run)}, Dagster run {run.run_id[:8]}"


def _tell_that_it_waits(context: dg.InitResourceContext, state: tenacity.RetryCallState) -> None:
    error = state.outcome and state.outcome.exception()
    if context.log is not None:
        context.log.info(f"{error}; this run goes on as soon as it is free")


def end_dead_runs(home: Home, instance: dg.DagsterInstance, now: datetime | None = None) -> int:
    """Mark runs as failed whose process ended without a word: killed, or gone with the machine. Returns how many.

    Tells of those that a command had started: it cannot any more, and Dagster's sensors see the others only.

    A run that works holds the home's lock, and one that waits for it says so: what is in progress while nobody has the
    lock, and silent for minutes, is dead. Dagster would count it as running for ever, and start no other run.
    """
    now = now or datetime.now(UTC)
    silent = [
        record.dagster_run
        for record in instance.get_run_records(dg.RunsFilter(statuses=_IN_PROGRESS))
        if _last_word(instance, record) < now - SILENCE
    ]
    if not silent:
        return 0
    try:
        with writer_lock(home.home, "closing runs that died"):
            # One that ended while this came to the lock is not dead.
            dead = [run for run in silent if _is_in_progress(instance, run)]
            for run in dead:
                instance.report_run_failed(run, _DEAD)
    except HomeBusyError:
        return 0
    for run in dead:
        if BY_COMMAND in run.tags and (undelivered := alert(f"Rotation: {purpose(run)} failed: {_DEAD}")):
            progress.say(undelivered)
    return len(dead)


def _is_in_progress(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    now = instance.get_run_by_id(run.run_id)
    return now is not None and now.status in _IN_PROGRESS


def _last_word(instance: dg.DagsterInstance, record: dg.RunRecord) -> datetime:
    found = instance.get_records_for_run(record.dagster_run.run_id, limit=1, ascending=False).records
    return datetime.fromtimestamp(found[0].timestamp, UTC) if found else record.update_timestamp


def dead_runs_sensor() -> dg.SensorDefinition:
    """Looks after runs that were killed while the scheduler is up; the command line does so before each night."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process is gone, so that they do not keep the next night waiting.",
    )
    def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        ended = end_dead_runs(Home(), context.instance)
        return dg.SkipReason(f"{ended} runs had died" if ended else "every run in progress has its process")

    return dead_runs
