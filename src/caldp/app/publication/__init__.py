"""Place of a dataset in an output, and the right to write there."""
