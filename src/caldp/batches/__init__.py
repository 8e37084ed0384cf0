"""Batches: the part of the library's face for many datasets."""
