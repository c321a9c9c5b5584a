"""The versions of the lists in force."""

from __future__ import annotations

from orchestration.validation.dictionary import suite
from orchestration.validation.rules import Whole, never

SUITE = suite(
    "staging",
    "stg_registry__lists",
    Whole(),
    (never("project_labels_nothing", "origin = 'project' and wallets = 0", why="the project has a list of its own"),),
)
