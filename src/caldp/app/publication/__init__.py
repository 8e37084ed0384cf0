"""The place of a dataset in an output, and who may write there."""
