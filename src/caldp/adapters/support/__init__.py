"""Helpers that several adapters share and that are no port: tarballs, selection, file system errors."""
