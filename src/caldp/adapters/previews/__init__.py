"""Adapters of the port PreviewRenderer."""
