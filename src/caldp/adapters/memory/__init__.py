"""Adapters of the port MemoryWatch."""
