"""The use cases of batches: run, follow, cancel."""
