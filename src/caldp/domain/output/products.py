"""Selection of the files to deliver from a work directory after calibration."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Final

from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.dataset import AnyDataset, DatasetKind
from caldp.domain.hst.files import HstFileName, root_of
from caldp.domain.hst.selection import environment_file
from caldp.domain.output.layout import Category

_MOSAIC_PATTERNS: Final[Mapping[DatasetKind, tuple[str, ...]]] = {
    "svm": (
        "hst_*{0.ipppss}*.fits", "hst_*{0.ipppss}*.txt", "hst_*{0.ipppss}*.ecsv",
        "{0.name}_manifest.txt", "astrodrizzle.log",
    ),
    "mvm": ("hst_{0.name}*.fits", "hst_{0.name}*.txt", "{0.name}_manifest.txt"),
}  # fmt: skip
"""Names of the products of a visit and of a sky cell."""


def delivered(dataset: AnyDataset, names: Iterable[str], roots: Container[str] | None = None) -> dict[str, Category]:
    """Choose the files of a work directory that are delivered; raw files are among them.

    Parameters
    ----------
    dataset
        Dataset that was processed.
    names
        File names without directory.
    roots
        Rootnames that the dataset's files may have; files with another are left out. None for any.
    """
    chosen: dict[str, Category] = {}
    for name in sorted(names):
        if name == environment_file(dataset):
            chosen[name] = Category.ENVIRONMENT
        elif _is_product(dataset, name) and (roots is None or not (root := root_of(name)) or root in roots):
            chosen[name] = Category.PRODUCT
    return chosen


def own_roots(observation: Observation) -> frozenset[str] | None:
    """Return the rootnames that a dataset's files may have; None for visits and sky cells, whose files have others."""
    dataset, association = observation.dataset, observation.association
    if dataset.is_mosaic:
        return None
    inputs = {root for name in (*observation.raws, *observation.others) if (root := root_of(name))}
    return frozenset({dataset.name, *inputs, *(association.roots if association else ())})


def _is_product(dataset: AnyDataset, name: str) -> bool:
    if dataset.is_mosaic:
        return any(fnmatchcase(name, pattern.format(dataset)) for pattern in _MOSAIC_PATTERNS[dataset.kind])
    parsed = HstFileName.parse(name)
    unwanted = dataset.instrument.recipe.undelivered_suffixes
    return name.endswith((".fits", ".tra")) and (parsed is None or parsed.suffix not in unwanted)
