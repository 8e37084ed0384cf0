"""The use case that brings finished datasets of an output into a directory."""
