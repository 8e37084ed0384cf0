"""Adapters of the port FitsComparer."""
