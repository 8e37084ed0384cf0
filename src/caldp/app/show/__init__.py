"""The use case that looks at one dataset of an output."""
