"""Tests; a package of its own name, since some distributions install one called tests."""
