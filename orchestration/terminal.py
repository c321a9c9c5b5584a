"""Columns of the progress bars that rich does not have. Belongs here: how progress looks, not what is said."""

from __future__ import annotations

from rich.progress import ProgressColumn, Task
from rich.text import Text


class Rate(ProgressColumn):
    """How many a second: over the last half minute while it runs, over all of it once it has ended."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.1f}/s" if speed and task.total and task.total > 1 else "", style="progress.data.speed")
