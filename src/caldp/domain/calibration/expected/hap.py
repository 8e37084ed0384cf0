"""Products of runsinglehap and runmultihap, as listed in their own manifest.

Source: drizzlepac 3.11 (``hapsequencer.py``, ``hapmultisequencer.py``), and its products for a WFC3/IR visit and cell.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from caldp.domain.calibration.expected.product import Expectation, ExpectedProduct
from caldp.domain.calibration.expected.structure import Structure
from caldp.domain.calibration.plan import Stage
from caldp.domain.hst.dataset import MvmSkycell, SvmVisit

_DRIZZLED: Final = ("_drz.fits", "_drc.fits")
_MOSAIC: Final = Structure(frozenset({"SCI", "WHT"}))


def expect_hap(dataset: SvmVisit | MvmSkycell) -> Expectation:
    """Expect the manifest, in which the programs list their products."""
    manifest = f"{dataset.name}_manifest.txt"
    return Expectation((ExpectedProduct(manifest, Stage(dataset.kind), is_fits=False),), manifest=manifest)


def listed(lines: Iterable[str], stage: Stage) -> tuple[ExpectedProduct, ...]:
    """Read a manifest: a name a line. Paths are passed over, see `paths_in`."""
    names = dict.fromkeys(name for line in lines if (name := line.strip()) and not _is_path(name))
    return tuple(
        ExpectedProduct(
            name, stage, is_fits=name.endswith(".fits"), structure=_MOSAIC if name.endswith(_DRIZZLED) else None
        )
        for name in names
    )


def paths_in(lines: Iterable[str]) -> tuple[str, ...]:
    """List the lines of a manifest that lead out of the work directory, or are no file names."""
    return tuple(dict.fromkeys(name for line in lines if _is_path(name := line.strip())))


def _is_path(name: str) -> bool:
    return "/" in name or "\0" in name or name in {".", ".."}


def lacks_image(products: Iterable[ExpectedProduct]) -> bool:
    """Tell whether a manifest lists no drizzled image. Without one the programs have made nothing of use."""
    return not any(product.structure is _MOSAIC for product in products)
