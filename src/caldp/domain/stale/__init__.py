"""Staleness of products: what a newer context would change of them."""
