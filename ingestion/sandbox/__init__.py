"""A market on this machine: a generator of markets with known truth, and a server that answers on the providers' routes."""
