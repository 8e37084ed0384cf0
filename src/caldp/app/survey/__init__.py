"""The use case that surveys an output."""
