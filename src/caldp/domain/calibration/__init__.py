"""Calibration: commands, expected products, checks and diagnosis."""
