"""Capsules in zip files."""
