"""Adapters of the port Leftovers."""
