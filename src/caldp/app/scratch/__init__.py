"""Scratch directories and their owners."""
