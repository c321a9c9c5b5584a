"""Two runs at once: the second waits for the first one's last step; a run that was killed does not run for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ingestion.errors import HomeBusyError
from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from orchestration.run_lock import end_dead_runs

# What a run worker of the Dagster UI does: one process, one run, steps that each work until they are let go on.
RUN = """
import sys, time
from pathlib import Path
import dagster as dg
from ingestion.settings import Home
from orchestration.run import prepare_instance
from orchestration.run_lock import WRITER, writer

home, name = Path(sys.argv[1]), sys.argv[2]
prepare_instance(Home(home=home))

def step(number):
    @dg.asset(name=f"step_{number}", deps=[f"step_{number - 1}"] if number else [], required_resource_keys={WRITER})
    def work():
        with (home / "steps").open("a") as steps:
            steps.write(f"{name}{number}\\n")
        print("works", flush=True)
        while not (home / "go on").exists():
            time.sleep(0.01)
    return work

steps = dg.Definitions(assets=[step(number) for number in range(3)], resources={WRITER: writer},
                       executor=dg.in_process_executor)
with dg.DagsterInstance.get() as instance:
    job = steps.resolve_implicit_global_asset_job_def()
    sys.exit(not job.execute_in_process(instance=instance, raise_on_error=False).success)
"""


def start(home: Path, name: str = "a") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(home), name]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def works(run: subprocess.Popen[str]) -> None:
    assert run.stdout
    assert any(line == "works\n" for line in run.stdout), "the run ended without a step"


def messages(instance: dg.DagsterInstance) -> list[str]:
    return [event.message for run in instance.get_runs() for event in instance.all_logs(run.run_id)]


def steps(home: Path) -> list[str]:
    return (home / "steps").read_text().split() if (home / "steps").exists() else []


def waits(run: subprocess.Popen[str], instance: dg.DagsterInstance, home: Path) -> str:
    """What a run says that has come to the lock and must wait."""
    before = steps(home)
    while not (said := [message for message in messages(instance) if "is in use by" in message]):
        assert run.poll() is None, "the run ended and did not wait"
        assert steps(home) == before, "the run works and does not wait"
        time.sleep(0.1)
    return said[0]


def test_of_two_runs_one_does_all_its_steps_before_the_other(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    runs = [start(tmp_path, "a")]
    try:
        works(runs[0])
        runs.append(start(tmp_path, "b"))
        assert "in use by materialising assets, Dagster run " in waits(runs[1], instance, tmp_path)
        assert steps(tmp_path) == ["a0"]
    finally:
        (tmp_path / "go on").touch()
        ended = [run.wait() for run in runs]
    assert ended == [0, 0]
    assert steps(tmp_path) == ["a0", "a1", "a2", "b0", "b1", "b2"]
    assert (tmp_path / ".writer.lock").read_text() == ""


def test_a_run_waits_for_a_command_and_says_for_which(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    (tmp_path / "go on").touch()
    with writer_lock(tmp_path, "rotation replay"):
        run = start(tmp_path)
        said = waits(run, instance, tmp_path)
    assert f"the home {tmp_path} is in use by rotation replay (process {os.getpid()} on " in said
    assert "this run goes on as soon as it is free" in said
    assert run.wait() == 0


def test_a_run_whose_settings_cannot_be_read_ends_before_its_first_step(
    instance: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROTATION_KEEP_VERSIONS", "0")
    assert start(tmp_path).wait() == 1
    assert steps(tmp_path) == []
    (log,) = [instance.all_logs(run.run_id) for run in instance.get_runs()]
    assert "ROTATION_KEEP_VERSIONS is '0'" in str([event.dagster_event for event in log])


def test_a_command_that_comes_beside_a_run_is_told_which_run_it_is(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = start(tmp_path)
    try:
        works(run)
        (known,) = instance.get_runs()
        holder = rf"in use by materialising assets, Dagster run {known.run_id[:8]} \(process {run.pid} on "
        with pytest.raises(HomeBusyError, match=holder):
            writer_lock(tmp_path, "the night").__enter__()
    finally:
        run.kill()
        run.communicate()


def test_a_killed_run_is_marked_as_failed_once_it_is_silent_and_nobody_has_the_home(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    home, later = Home(home=tmp_path), datetime.now(UTC) + timedelta(hours=1)
    run = start(tmp_path)
    works(run)
    assert end_dead_runs(home, instance, later) == 0, "it holds the home"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert [found.status for found in instance.get_runs()] == [dg.DagsterRunStatus.STARTED], "Dagster does not know"
    assert end_dead_runs(home, instance) == 0, "a run that started a moment ago may not have come to the lock yet"
    assert end_dead_runs(home, instance, later) == 1
    assert [found.status for found in instance.get_runs()] == [dg.DagsterRunStatus.FAILURE]
    assert "Its process is gone" in " ".join(messages(instance))
    assert end_dead_runs(home, instance, later) == 0
