"""One abstract suite a port; small subclasses run it on every adapter and every fake."""
