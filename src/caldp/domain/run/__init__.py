"""Runs: requests, settings, events, records, verdicts."""
