"""Readers of the published file while it is replaced again and again."""
