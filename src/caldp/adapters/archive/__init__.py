"""Adapters of the port ArchiveSource."""
