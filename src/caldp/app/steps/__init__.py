"""The steps of a run, each from one frozen value to the next."""
