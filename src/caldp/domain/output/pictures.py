"""Pictures of a dataset: the one that shows most of it, and its thumbnail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from caldp.domain.hst.files import HstFileName

_BEST: Final = ("x1dsum", "sx1", "x1d", "drc", "drz", "crc", "crj", "flc", "flt", "ima", "raw")
"""Suffixes of products, the one that has most of a dataset in it first."""
_ENDINGS: Final = (".png", ".jpg", ".jpeg")
THUMBNAIL: Final = "_thumb"


def is_picture(name: str) -> bool:
    """Tell whether a file is a picture by its name."""
    return name.lower().endswith(_ENDINGS)


def is_thumbnail(name: str) -> bool:
    """Tell whether a file is the small picture beside another one."""
    return is_picture(name) and name.rpartition(".")[0].endswith(THUMBNAIL)


def main_picture(dataset: str, names: Iterable[str]) -> str:
    """Choose the picture that shows most of a dataset; empty if there is none.

    Parameters
    ----------
    dataset
        Name of the dataset: pictures of the whole come before those of its exposures.
    names
        Names of its files.
    """
    pictures = sorted(name for name in names if is_picture(name) and not is_thumbnail(name))
    return min(pictures, key=lambda name: (_rank(name), not name.startswith(dataset), name), default="")


def thumbnail_of(picture: str, names: Iterable[str]) -> str:
    """Return the thumbnail of a picture; empty if it is not among some names."""
    stem = picture.rpartition(".")[0] + THUMBNAIL
    return next((name for name in sorted(names) if is_picture(name) and name.rpartition(".")[0] == stem), "")


def _rank(name: str) -> int:
    stem = name.rpartition(".")[0]
    if stem.startswith("hst_"):  # of a visit or sky cell: the colour picture is the one without a filter's suffix
        return 0 if not stem.endswith(_BEST) else 1
    parsed = HstFileName.parse(f"{stem}.fits")
    return _BEST.index(parsed.suffix) if parsed is not None and parsed.suffix in _BEST else len(_BEST)
