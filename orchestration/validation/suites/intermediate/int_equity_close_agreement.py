"""Closes of different providers for the same session."""

from __future__ import annotations

from orchestration.validation.rules import ChangedDays, Suite, between, never

SUITE = Suite(
    "intermediate",
    "int_equity_close_agreement",
    key=("symbol", "session_date", "check_provider"),
    slice=ChangedDays("session_date"),
    expectations=(
        between("difference", 0, None, why="a distance is not negative"),
        never("provider_checks_itself", "provider = check_provider", why="only another provider is a check"),
        never(
            "closes_disagree",
            "not agrees",
            why="two providers say the same of a close: if not, one has restated it or lies",
            severity="warning",
        ),
    ),
)
