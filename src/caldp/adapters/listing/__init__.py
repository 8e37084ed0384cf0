"""Listings of inputs."""
