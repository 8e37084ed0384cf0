"""Outputs: locations, layouts, messages, products, previews."""
