"""A home whose process ends at each of its write points in turn, and what must be true of it afterwards."""
