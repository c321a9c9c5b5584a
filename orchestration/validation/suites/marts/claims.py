"""The ten claims and their verdicts, one row each."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, filled, measured, never
from orchestration.validation.suites.shared import CLAIMS, claim_rules

SUITE = Suite(
    "marts",
    "claims",
    key=("claim_id", "evaluation_date"),
    slice=ChangedDays("evaluation_date", ignoring=("as_of",)),
    expectations=(
        *claim_rules(*CLAIMS),
        filled("verdict_rule", why="a verdict is given with its rule"),
        between("p_across_claims", 0, 1, why="a probability"),
        never("easier_across_claims", "p_across_claims < p_value - 1e-12", why="many claims make no test easier"),
        filled("measures", why="a verdict is drawn from measures"),
        between("measures", 1, None, why="a verdict is drawn from measures"),
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
