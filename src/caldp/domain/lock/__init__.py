"""Locks: what a replay of a run needs, and nothing else."""
