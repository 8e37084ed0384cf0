"""The use case that processes one dataset."""
