"""Nights killed at random moments and started again, held against one that nobody disturbed."""
