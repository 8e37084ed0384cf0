"""Examination of a machine before runs."""
