"""Adapters of the port HeaderSource."""
