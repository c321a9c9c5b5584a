"""A row that a provider broke, over whole nights: set aside, released, published; and a delivery that is broken."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
def test_a_broken_row_is_set_aside_released_and_published_and_a_broken_delivery_is_not() -> None:
    """In a process of its own: it forks, and what forks should have no threads."""
    command = [sys.executable, "-m", "tests.corruption.nights", "--every", "40"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert done.stdout.endswith("0 not as they must be\n")
