"""Good data spoiled in every way that a gate is there to notice, and what notices it."""
