"""The ports that the outside world must serve, and the use cases that read from top to bottom."""
