"""One package per provider, one shape for all: `models` (row schema), `parse` (pure), `dataset` (what to ask)."""
