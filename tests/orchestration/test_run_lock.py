"""Two runs at once: the second waits for the first one's last step; a run that was killed does not run for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from ingestion.errors import HomeBusyError
from ingestion.settings import Home
from ingestion.warehouse.lock import writer_lock
from orchestration.run import prepare_instance
from orchestration.run_lock import end_dead_runs

# What a run worker of the Dagster UI does: one process, one run, steps that each take a while.
RUN = """
import sys, time
from pathlib import Path
import dagster as dg
from ingestion.settings import Home
from orchestration.run import prepare_instance
from orchestration.run_lock import WRITER, writer

name, seconds, told = sys.argv[2], float(sys.argv[3]), Path(sys.argv[1]) / "steps"
prepare_instance(Home(home=Path(sys.argv[1])))

def step(number):
    @dg.asset(name=f"step_{number}", deps=[f"step_{number - 1}"] if number else [], required_resource_keys={WRITER})
    def work():
        with told.open("a") as steps:
            steps.write(f"{name}{number}\\n")
        print("works", flush=True)
        time.sleep(seconds)
    return work

steps = dg.Definitions(assets=[step(number) for number in range(3)], resources={WRITER: writer},
                       executor=dg.in_process_executor)
with dg.DagsterInstance.get() as instance:
    job = steps.resolve_implicit_global_asset_job_def()
    sys.exit(not job.execute_in_process(instance=instance, raise_on_error=False).success)
"""


def start(home: Path, name: str, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(home), name, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def works(run: subprocess.Popen[str]) -> None:
    assert run.stdout
    assert any(line == "works\n" for line in run.stdout), "the run ended without a step"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    for name in ("DAGSTER_HOME", "ROTATION_HOME"):  # prepare_instance sets both for its process
        monkeypatch.setenv(name, "")
    prepare_instance(Home(home=tmp_path))
    with dg.DagsterInstance.get() as found:
        yield found


def messages(instance: dg.DagsterInstance) -> list[str]:
    return [event.message for run in instance.get_runs() for event in instance.all_logs(run.run_id)]


def test_of_two_runs_started_at_once_one_does_all_its_steps_before_the_other(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    runs = [start(tmp_path, name, 0.5) for name in "ab"]
    assert [run.wait() for run in runs] == [0, 0]
    steps = (tmp_path / "steps").read_text().split()
    assert steps in (["a0", "a1", "a2", "b0", "b1", "b2"], ["b0", "b1", "b2", "a0", "a1", "a2"])
    assert (tmp_path / ".writer.lock").read_text() == ""


def test_a_run_waits_for_a_command_and_says_for_which(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    with writer_lock(tmp_path, "rotation replay"):
        run = start(tmp_path, "a", 0)
        while not (said := [message for message in messages(instance) if "is in use by" in message]):
            assert run.poll() is None, "the run did not wait"
        assert not (tmp_path / "steps").exists()
    assert f"the home {tmp_path} is in use by rotation replay (process {os.getpid()} on " in said[0]
    assert "this run goes on as soon as it is free" in said[0]
    assert run.wait() == 0


def test_a_command_that_comes_beside_a_run_is_told_which_run_it_is(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = start(tmp_path, "a", 60)
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
    run = start(tmp_path, "a", 60)
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
