"""The use case that finds out which products are stale."""
