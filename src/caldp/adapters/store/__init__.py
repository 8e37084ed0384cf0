"""Adapters of the port ObjectStore."""
