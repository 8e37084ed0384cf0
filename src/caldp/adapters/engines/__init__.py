"""Adapters of the port CalibrationRunner."""
