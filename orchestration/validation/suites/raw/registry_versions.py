"""Which version of each list of labelled wallets was read when."""

from __future__ import annotations

from orchestration.validation.rules import NewBatches, Suite, between, filled, one_of

SUITE = Suite(
    "raw",
    "registry_versions",
    key=("origin", "read_at"),
    slice=NewBatches(),
    expectations=(
        one_of("origin", "project", "operator", why="the two lists"),
        filled("version", why="labels are told apart by it"),
        between("wallets", 0, None, why="addresses are counted from zero"),
    ),
)
