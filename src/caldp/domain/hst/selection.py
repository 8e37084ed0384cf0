"""Selection of a dataset's inputs among the files of a place.

Files are selected by the association table, or by the rootname of a single exposure: all datasets of one program
share their first letters, so a prefix would mix them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from attrs import frozen

from caldp.domain.hst.association import Association
from caldp.domain.hst.dataset import AnyDataset, Ipppssoot
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.instrument import Instrument
from caldp.domain.hst.poller import Poller

COMPRESSED: Final = ".gz"
_ROOT: Final = 9  # characters of a rootname
_VISIT: Final = 6
"""The characters that exposures of one visit have in common: ``ldfd01``."""


@frozen
class Selection:
    """The outcome of a selection.

    Attributes
    ----------
    chosen
        Names as they were offered, in order of their plain names.
    passed_over
        FITS files that belong to something else.
    """

    chosen: tuple[str, ...]
    passed_over: tuple[str, ...]


def environment_file(dataset: AnyDataset) -> str:
    """Return the name of the file with settings for the engines' environment."""
    return f"{dataset.name}_cal_env.txt"


def input_suffixes(dataset: Ipppssoot) -> frozenset[str]:
    """Return the suffixes that inputs of a dataset's instrument have (support files included)."""
    recipe = dataset.instrument.recipe
    return frozenset({suffix.lower() for suffix in recipe.download_suffixes} | {*recipe.raw_suffixes, "spt"})


def is_raw_file(name: str) -> bool:
    """Tell whether a file is by its name an input as the archive has it: raw exposure, support file, association table.

    Such files are delivered beside the products, and are counted apart from them.
    """
    root, _, rest = name.lower().partition("_")
    return len(root) == _ROOT and rest.endswith(".fits") and _is_input(root[0], rest.removesuffix(".fits"))


@cache
def _is_input(letter: str, suffix: str) -> bool:
    recipe = next((one.recipe for one in Instrument if one.recipe.letter == letter), None)
    return recipe is not None and suffix in {*map(str.lower, recipe.download_suffixes), *recipe.raw_suffixes, "spt"}


Guide = Association | Poller
"""File that lists a dataset's members: an association table, or the poller file of a visit or sky cell."""


def select(dataset: AnyDataset, offered: Iterable[str], guide: Guide | None = None) -> Selection:
    """Choose a dataset's inputs.

    Parameters
    ----------
    dataset
        Dataset to process.
    offered
        File names without directory, FITS files plain or with ``.gz``.
    guide
        The dataset's association table or poller file, as far as it is known.
    """
    plain = {plain_name(name): name for name in sorted(offered, reverse=True)}  # x.fits wins over x.fits.gz
    chosen = {name for name in plain if _belongs(dataset, name, guide)}
    return Selection(
        tuple(plain[name] for name in sorted(chosen)),
        tuple(plain[name] for name in sorted(plain) if name.endswith(".fits") and name not in chosen),
    )


def twins(offered: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Find names that are offered both plain and compressed, by their plain name."""
    found: dict[str, list[str]] = {}
    for name in sorted(offered):
        found.setdefault(plain_name(name), []).append(name)
    return {plain: tuple(names) for plain, names in found.items() if len(names) > 1}


def plain_name(name: str) -> str:
    """Return the name of a file once it is unpacked, in lower case."""
    return name.lower().removesuffix(COMPRESSED)


def lacking(dataset: AnyDataset, names: Iterable[str], guide: Guide | None = None) -> str:
    """Name the inputs that a selection lacks for calibration to start; empty if it can.

    Parameters
    ----------
    names
        Plain names of the files that were selected.
    guide
        The dataset's association table or poller file, as far as it is known.
    """
    chosen = set(names)
    if not dataset.is_mosaic:
        parsed = [file for name in chosen if (file := HstFileName.parse(name))]
        raw = dataset.instrument.recipe.raw_suffixes
        if not any(file.suffix in raw for file in parsed):
            return "no raw exposure (" + ", ".join(f"_{suffix}" for suffix in raw) + ")"
    elif dataset.guide_file not in chosen:
        return f"no poller file {dataset.guide_file}"
    elif not any(map(is_calibrated, chosen)):
        return "no exposure (_flc, _flt)"
    elif guide is not None:
        absent = ", ".join(name for name in guide.files if name not in chosen)
        return f"no {absent}" if absent else ""
    return ""


def raws_of_the_visit(dataset: Ipppssoot, names: Iterable[str]) -> tuple[str, ...]:
    """Find the raw exposures of a dataset's program and visit among plain names, those of other datasets too."""
    parsed = [file for name in names if (file := HstFileName.parse(name))]
    raws = dataset.instrument.recipe.raw_suffixes
    return tuple(
        sorted(str(file) for file in parsed if file.suffix in raws and file.root[:_VISIT] == dataset.name[:_VISIT])
    )


def _belongs(dataset: AnyDataset, name: str, guide: Guide | None) -> bool:
    if name in (environment_file(dataset), dataset.guide_file):
        return True
    if guide is not None and not guide.lists(name):
        return False
    parsed = HstFileName.parse(name)
    root = parsed.root if parsed else ""
    if dataset.is_mosaic:
        return guide is not None or (is_calibrated(name) and root.startswith(dataset.ipppss))
    is_own = guide is not None or root == dataset.name
    return is_own and parsed is not None and parsed.suffix in input_suffixes(dataset)


def is_calibrated(name: str) -> bool:
    """Tell whether a file is a calibrated exposure, from which visits and sky cells are made."""
    return name.endswith(("_flc.fits", "_flt.fits"))
