"""What follows a signal?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, never

SUITE = suite(
    "marts",
    "signal_event_study",
    ChangedDays("evaluation_date"),
    (
        never("more_measured_than_there_are", "n_measured + n_pending > n_events", why="a part is not the whole"),
        never("adjusted_below_the_plain", "p_holm < p_value - 1e-12", why="Holm makes no test easier"),
        never("nothing_without_reason", "p_value is null and coalesce(reason, '') = ''", why="a null says why"),
        never("evaluated_after_the_night", "evaluation_date > {night}", why="a night knows no later day"),
    ),
)
