"""Batches: many datasets, each processed by a job of its own."""
