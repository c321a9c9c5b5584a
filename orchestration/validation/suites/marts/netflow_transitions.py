"""How do states of accumulation and distribution follow each other?"""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "marts",
    "netflow_transitions",
    Whole(),
    (never("date_after_the_night", "as_of_date > {night}", why="a night knows no later day"),),
)
