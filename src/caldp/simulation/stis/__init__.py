"""Simulated STIS observations."""
