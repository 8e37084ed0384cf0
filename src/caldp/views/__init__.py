"""Text, JSON and live views of domain values."""
