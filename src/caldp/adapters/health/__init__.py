"""Examination of a machine."""
