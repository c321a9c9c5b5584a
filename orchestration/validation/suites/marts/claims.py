"""The ten claims and their verdicts."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, measured
from orchestration.validation.suites.shared import claim_rules

SUITE = Suite(
    "marts",
    "claims",
    key=("claim_id", "metric", "evaluation_date"),
    slice=ChangedDays("evaluation_date", ignoring=("as_of",)),
    expectations=(
        *claim_rules(*(f"C{number}" for number in range(1, 11))),
        measured(
            "claims_of_the_newest_evaluation",
            "select count(distinct claim_id) from {table} "
            "where evaluation_date = (select max(evaluation_date) from {table})",
            10,
            10,
            why="every claim has a row, and one that cannot be tested says so",
            severity="critical",
        ),
    ),
)
