"""The ten claims and their verdicts, one row each."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import ChangedDays, measured, never
from orchestration.validation.suites.history import stale
from orchestration.validation.suites.shared import claim_rules

SUITE = suite(
    "marts",
    "claims",
    ChangedDays("evaluation_date", ignoring=("as_of",)),
    (
        *claim_rules(),
        never("easier_across_claims", "p_across_claims < p_value - 1e-12", why="many claims make no test easier"),
        stale("evaluation", "evaluation_date", 0, why="the claims are evaluated every night"),
        measured(
            "claims_of_the_newest_evaluation",
            "select count(*) from {table} where evaluation_date = (select max(evaluation_date) from {table})",
            10,
            10,
            why="every claim has a row, and one that cannot be tested says so",
            severity="critical",
        ),
    ),
)
