"""The peers of `poisson_peers.py`, one file for each family."""
