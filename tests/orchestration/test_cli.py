"""The command as a user runs it: one-line errors, exit status, no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


def rotation(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"ROTATION_HOME": str(home), "ROTATION_YAHOO_URL": "http://127.0.0.1:9"}
    program = "from orchestration.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("refresh", "--date", "soon"), "'soon' is not a date: write it as YYYY-MM-DD"),
        (("refresh", "--date", "2999-01-01"), "the night of 2999-01-01 has not closed"),
        (("status",), "run 'rotation demo' or 'rotation refresh' first"),
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


def test_help_names_every_command(tmp_path: Path) -> None:
    result = rotation(tmp_path, "--help")
    assert result.returncode == 0
    assert all(command in result.stdout for command in ("refresh", "replay", "status"))
