"""The use case that plans a run."""
