"""PreviewRenderer of images: FITS images as JPEG, in grey or in colour, as fitscut draws them or better."""

from caldp.adapters.previews.image.renderer import ImagePreviewRenderer

__all__ = ["ImagePreviewRenderer"]
