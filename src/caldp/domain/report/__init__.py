"""Values that reports are made of."""
