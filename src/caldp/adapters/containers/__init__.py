"""Container images and registries."""
