"""The command as a user runs it: one-line errors, exit status, no traceback."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.warehouse.lock import writer_lock

PROGRAM = "from orchestration.cli import main; main()"


def rotation(home: Path, *arguments: str, program: str = PROGRAM) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ROTATION_HOME": str(home), "ROTATION_YAHOO_URL": "http://127.0.0.1:9"}
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=home.parent,  # and not where a developer has a file of settings
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("refresh", "--date", "soon"), "'soon' is not a date: write it as YYYY-MM-DD"),
        (("refresh", "--date", "2999-01-01"), "the night of 2999-01-01 has not closed"),
        (("status",), "run 'rotation demo' or 'rotation refresh' first"),
        (("demo", "--market", "nowhere"), "there is no market directory nowhere: give --market a folder"),
        (("demo", "--date", "2026-13-01"), "'2026-13-01' is not a date"),
        (("backfill", "--from", "2026-01-05", "--to", "2026-01-01"), "lies after --to 2026-01-01: exchange them"),
    ],
)
def test_wrong_input_is_one_line_that_says_what_to_do(tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    result = rotation(tmp_path, *arguments)
    assert result.returncode == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_home_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    result = rotation(blocked, "refresh", "--date", "2026-01-16")
    assert result.returncode == 1
    assert "set ROTATION_HOME to a writable folder" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_stopped_says_how_to_go_on(tmp_path: Path, number: signal.Signals) -> None:
    stops_itself = f"import os; from orchestration import cli; cli._run = lambda *_: os.kill(os.getpid(), {number})"
    result = rotation(tmp_path, "refresh", program=f"{stops_itself}; cli.main()")
    assert result.returncode == 130
    assert result.stderr == "rotation: stopped; run the same command again to go on\n"


def test_a_second_night_is_one_line_that_names_the_first(tmp_path: Path) -> None:
    with writer_lock(tmp_path, "the night of 2026-01-16"):
        result = rotation(tmp_path, "refresh", "--date", "2026-01-15")
    assert result.returncode == 1
    assert f"is in use by the night of 2026-01-16 (process {os.getpid()} on " in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "warehouse.duckdb").exists()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KEEP_VERSIONS", "0", "input should be greater than or equal to 1"),
        ("KEEP_RUN_DAYS", "many", "input should be a valid integer"),
        ("ETHEREUM_MAX_BLOCKS", "1", "input should be greater than or equal to 50"),
    ],
)
def test_a_setting_that_cannot_be_read_ends_a_night_before_it_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"ROTATION_{name}", value)
    result = rotation(tmp_path, "refresh", "--date", "2026-01-15")
    assert result.returncode == 1
    assert result.stderr.startswith(f"rotation: ROTATION_{name} is '{value}': {said}")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [("ROTATION_YAHOO_PER_SECOND", "fast", "'fast'"), ("CRYPTOQUANT_API_KEY", "a b", "copy the key again")],
)
def test_so_does_a_pace_or_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    result = rotation(tmp_path, "demo")
    assert result.returncode == 1
    assert name in result.stderr
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = rotation(tmp_path, "ui", "--port", str(port))
    assert result.returncode == 1
    assert result.stderr.startswith(f"rotation: port {port} is in use: choose another with --port")
    assert result.stderr.count("\n") == 1


def test_a_full_disk_is_one_line_and_leaves_no_half_written_market(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a disk that ends."""
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)); {PROGRAM}"
    result = rotation(tmp_path, "demo", program=limited)
    assert result.returncode == 1
    assert "cannot be written" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_home_keeps_its_market_and_refuses_another_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "market.json").write_text(
        json.dumps({"kind": "generated", "name": "market-seed-1", "directory": "market-seed-1", "seed": 1})
    )
    result = rotation(tmp_path, "demo", "--seed", "2")
    assert result.returncode == 1
    assert "the two are never mixed" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["market.json"]


def test_help_names_every_command(tmp_path: Path) -> None:
    result = rotation(tmp_path, "--help")
    assert result.returncode == 0
    assert all(command in result.stdout for command in ("refresh", "replay", "docs", "status"))


@pytest.mark.parametrize(
    ("set_outside", "used"), [({}, "of_file"), ({"ROTATION_HOME": "of_environment"}, "of_environment")]
)
def test_a_file_of_settings_is_read_and_the_environment_goes_before_it(
    tmp_path: Path, set_outside: dict[str, str], used: str
) -> None:
    (tmp_path / ".env").write_text("ROTATION_HOME=of_file   # a comment\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROTATION_")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "status"],
        cwd=tmp_path,
        env=kept | set_outside,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"rotation: there is no warehouse in {used}: ")


def test_a_file_of_settings_that_is_not_text_is_one_line_without_its_content(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("GLASSNODE_API_KEY=clé".encode("latin-1"))
    done = rotation(tmp_path / "home", "status")
    assert done.returncode == 1
    assert done.stderr == f"rotation: the settings in {tmp_path / '.env'} are not UTF-8: save the file as UTF-8\n"
