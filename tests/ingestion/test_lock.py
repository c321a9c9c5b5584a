"""One writer per home: who holds it is named, and nothing that a dead one left behind stands in the way."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors import SettingsError
from ingestion.warehouse.lock import writer_lock

TAKE = """
import pathlib, sys, time
from ingestion.errors import RotationError
from ingestion.warehouse.lock import writer_lock
try:
    with writer_lock(pathlib.Path(sys.argv[1]), sys.argv[2]):
        print("taken", flush=True)
        time.sleep(float(sys.argv[3]))
except RotationError as error:
    print(error)
"""


def another(home: Path, purpose: str, seconds: float = 0) -> subprocess.Popen[str]:
    """Another process that takes the lock, or says why it cannot."""
    command = [sys.executable, "-c", TAKE, str(home), purpose, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_a_second_writer_is_told_who_holds_the_home_where_and_since_when(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "refresh"):
        said = another(tmp_path, "backfill").communicate()[0]
    holder = f"refresh (process {os.getpid()} on {platform.node()}, since "
    assert f"the home {tmp_path} is in use by {holder}" in said
    assert said.strip().endswith("UTC): wait for it to end, or end it")
    assert said.count("\n") == 1
    with writer_lock(tmp_path, "backfill"):
        assert "backfill" in (tmp_path / ".writer.lock").read_text()


def test_the_process_that_holds_the_lock_may_take_it_again(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "the night"):
        with writer_lock(tmp_path, "collecting"):
            pass
        assert "the night" in (tmp_path / ".writer.lock").read_text()  # still held, by the first
    assert (tmp_path / ".writer.lock").read_text() == ""


def test_a_killed_holder_blocks_nobody_though_its_name_is_still_in_the_file(tmp_path: Path) -> None:
    holder = another(tmp_path, "the night", 60)
    assert says(holder) == "taken"
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    assert f"process {holder.pid}" in (tmp_path / ".writer.lock").read_text()
    with writer_lock(tmp_path, "the next night"):
        assert "the next night" in (tmp_path / ".writer.lock").read_text()


@pytest.mark.parametrize(
    "left",
    [
        pytest.param(f"the night (process {os.getppid()} on {platform.node()}", id="number now of another program"),
        pytest.param("the night (process 1 on another-host, since 16 Jan 10:30 UTC)", id="another host"),
        pytest.param("\x00\xff no text at all", id="rubbish"),
    ],
)
def test_what_a_lock_file_says_of_somebody_who_is_gone_is_no_lock(tmp_path: Path, left: str) -> None:
    (tmp_path / ".writer.lock").write_bytes(left.encode("latin-1"))
    assert says(another(tmp_path, "the next night")) == "taken"


def test_children_of_a_killed_holder_do_not_keep_its_lock(tmp_path: Path) -> None:
    """A night starts the sandbox server; what it started may live a moment longer than itself."""
    program = TAKE.replace(
        "time.sleep", "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep"
    )
    command = [sys.executable, "-c", program, str(tmp_path), "the night", "60"]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert says(holder) == "taken"
    child = int(says(holder))
    try:
        holder.kill()
        holder.wait()
        with writer_lock(tmp_path, "the next night"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        holder.communicate()


def test_a_home_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".writer.lock").mkdir()
    with pytest.raises(SettingsError, match=r"cannot be written \(Is a directory\): let this user write it"):
        writer_lock(tmp_path, "the night").__enter__()


def test_of_several_that_start_at_once_one_gets_it(tmp_path: Path) -> None:
    nights = [another(tmp_path, f"night {number}", 60) for number in range(3)]
    try:
        answers = [says(night) for night in nights]
    finally:
        for night in nights:
            night.kill()
            night.communicate()
    assert answers.count("taken") == 1
    assert all("is in use by" in answer for answer in answers if answer != "taken")
