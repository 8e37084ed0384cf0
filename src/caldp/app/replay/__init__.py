"""Use case: repeat a run from its lock, and say whether it came out the same."""
