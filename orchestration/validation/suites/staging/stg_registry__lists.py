"""The versions of the lists in force."""

from __future__ import annotations

from orchestration.validation.rules import Suite, Whole, filled, never

SUITE = Suite(
    "staging",
    "stg_registry__lists",
    key=("origin",),
    slice=Whole(),
    expectations=(
        filled("version", why="a list in force has one"),
        never("project_labels_nothing", "origin = 'project' and wallets = 0", why="the project has a list of its own"),
    ),
)
