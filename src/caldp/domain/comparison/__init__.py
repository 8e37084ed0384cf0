"""Comparison of runs: differences of what went in, and of what came out."""
