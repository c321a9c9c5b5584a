"""Glassnode: exchange flows of tokens, restated and as known at the time; needs a key of a paid plan."""
