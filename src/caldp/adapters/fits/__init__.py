"""Adapters of the port FitsFiles."""
