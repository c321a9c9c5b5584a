"""A market on this machine: a generator with known truth, and a server that answers on the providers' routes."""
