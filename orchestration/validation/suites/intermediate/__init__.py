"""Intermediate: daily facts, alignment and identity keep their arithmetic."""
