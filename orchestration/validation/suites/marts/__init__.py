"""Marts: what a reader sees is inside what it can be at all."""
