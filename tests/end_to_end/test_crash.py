"""A process that ends at a write point loses nothing, doubles nothing and leaves nothing behind."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_ended_at_some_write_points_and_done_again_a_home_is_as_undisturbed() -> None:
    """In a process of its own: it forks, and what forks should have no threads. `python -m tests.crash` tries all."""
    seed = str(random.SystemRandom().randrange(10**6))
    command = [sys.executable, "-m", "tests.crash", "--every", "60", "--seed", seed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, f"seed {seed}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    assert done.stdout.count(" write points") == 5
