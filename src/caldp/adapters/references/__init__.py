"""Adapters of the port ReferenceFileService."""
