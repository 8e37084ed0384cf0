"""Scratch directories and who owns them."""
