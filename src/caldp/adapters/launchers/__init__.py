"""Engines of batches: they run one job for each dataset."""
