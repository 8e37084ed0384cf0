"""Functions that compare runs, and repeat one exactly, for a program or a command."""
