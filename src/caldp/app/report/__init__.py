"""Use cases that gather what reports show."""
