"""Simulated WFC3 observations."""
