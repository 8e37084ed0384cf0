"""Simulated COS observations."""
