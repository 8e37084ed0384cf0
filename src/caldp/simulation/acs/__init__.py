"""Simulated ACS observations."""
