"""A night that is killed and started again ends in the same published content."""

from __future__ import annotations

import random
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_a_night_killed_twice_ends_in_the_same_published_content() -> None:
    """In a process of its own: it forks, and what forks should have no threads."""
    seed = str(random.SystemRandom().randrange(10**6))
    command = [sys.executable, "-m", "tests.kill", "--times", "2", "--seed", seed]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1200)
    assert done.returncode == 0, f"seed {seed}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    assert "2 kills in 1 nights, 0 not as they must be" in done.stdout
