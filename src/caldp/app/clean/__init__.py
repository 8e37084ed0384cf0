"""The use case that cleans up after runs that are gone."""
