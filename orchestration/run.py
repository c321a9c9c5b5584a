"""Running the nightly job in this process, over a home's own Dagster instance.

Belongs here: the instance, the run and the one line that tells a failure. The command line and the tests call it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import duckdb
from dagster._utils.error import SerializableErrorInfo  # type: ignore[attr-defined]
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ingestion.errors import RotationError
from ingestion.night import Night
from ingestion.settings import Home, read_settings
from ingestion.warehouse.lock import writer_lock
from orchestration import progress
from orchestration.alerts import BY_COMMAND
from orchestration.nights import RANGE_END, RANGE_START
from orchestration.retention import let_go
from orchestration.run_lock import end_dead_runs

JOB = "nightly_refresh"
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
# One run at a time: a DuckDB file admits one writer, and a queued run is better than a failed one. One event log: the
# default writes each of a night's 1,800 events twice, into a file of its run and into an index, and costs 9 s more.
_INSTANCE = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
event_log_storage:
  module: orchestration.event_log
  class: EventLog
  config:
    base_dir: {env: DAGSTER_HOME}
"""


class NightFailedError(RotationError):
    """A step of the night failed; the text says which and why."""


def prepare_instance(home: Home) -> Path:
    """The home's Dagster folder, configured; also points this process and its children at it."""
    home.prepare()
    folder = (home.home / "dagster").resolve()
    folder.mkdir(exist_ok=True)
    configuration = folder / "dagster.yaml"
    if not configuration.exists():
        configuration.write_text(_INSTANCE, encoding="utf-8")
    os.environ["DAGSTER_HOME"] = str(folder)
    os.environ["ROTATION_HOME"] = str(home.home.resolve())
    return folder


def run_night(home: Home, night: Night, first: Night | None = None) -> None:
    """Run the whole job for one night, or, with `first`, for the window of days that ends with it.

    The home's lock is held from end to end: taken stage by stage, another night could begin between two stages.
    Raises `SettingsError` for a setting that cannot be read, `HomeBusyError` naming whoever has the home, and
    `KeyboardInterrupt` for a run that was stopped by Ctrl-C or SIGTERM, which Dagster tells as the failure of a step.
    """
    read_settings()
    tags = {} if first is None else {RANGE_START: first.day.isoformat(), RANGE_END: night.day.isoformat()}
    home.prepare()
    with writer_lock(home.home, f"the night of {night.day}"), _instance(home) as instance:
        from orchestration.definitions import defs  # noqa: PLC0415 - reads ROTATION_HOME when imported

        end_dead_runs(home, instance)
        result = defs.resolve_job_def(JOB).execute_in_process(
            instance=instance,
            partition_key=None if tags else night.day.isoformat(),
            tags=tags | {BY_COMMAND: "true"},
            run_config=_QUIET,
            raise_on_error=False,
        )
        if not result.success:
            failures = [found for found in result.all_events if found.is_step_failure]
            if any(_was_stopped(failure.step_failure_data.error) for failure in failures):
                raise KeyboardInterrupt
            reasons = [f"{failure.step_key}: {first_line(failure.step_failure_data.error)}" for failure in failures]
            raise NightFailedError("; ".join(reasons) or f"the run {result.run_id} ended without success")
        _clear_up(home, instance)


def _clear_up(home: Home, instance: dg.DagsterInstance) -> None:
    """The night is published: what is old and cannot be let go of decides nothing over it, and is tried again after the
    next one."""
    try:
        let_go(home, instance)
    except (RotationError, duckdb.Error, OSError, SQLAlchemyError) as error:
        progress.say(f"what is old was not let go of: {' '.join(str(error).split())}")


@contextmanager
def _instance(home: Home) -> Iterator[dg.DagsterInstance]:
    folder = prepare_instance(home)
    try:
        with dg.DagsterInstance.get() as instance:
            yield instance
    except OperationalError as error:
        raise NightFailedError(
            f"Dagster's record in {folder} cannot be written ({error.orig}): free the disk, or let this user write it, "
            "and run the night again"
        ) from error


def _was_stopped(error: SerializableErrorInfo | None) -> bool:
    """Whether a step failed because somebody stopped the run."""
    while error is not None and error.cls_name != dg.DagsterExecutionInterruptedError.__name__:
        error = error.cause
    return error is not None


def first_line(error: SerializableErrorInfo | None) -> str:
    """What the code that failed says, without its class and traceback: Dagster's errors around it say that a step
    failed, and what is below it, it knew when it said what to do."""
    while error is not None and error.cause is not None and str(error.cls_name).startswith("Dagster"):
        error = error.cause
    if error is None:
        return "no reason given"
    text = " ".join(error.message.split())
    return text.split(": ", 1)[-1]
