"""Report of ``caldp demo``: agreement with the truth, places of the files, and the report of a fault."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, TreeLayout
from caldp.domain.output.messages import MessageState
from caldp.views.columns import columns

if TYPE_CHECKING:
    from caldp.demo.demonstration import Run
    from caldp.demo.faults import Fault
    from caldp.simulation.comparison import Comparison


@frozen
class Places:
    """Places of the files that a run has left.

    Attributes
    ----------
    root
        The output's directory.
    dataset
        Name of the dataset.
    product
        File name of its main product.
    """

    root: Path
    dataset: str
    product: str

    @property
    def products(self) -> Path:
        """The directory of the products."""
        return self.root / TreeLayout().prefix(DatasetName.parse(self.dataset))

    @property
    def main_product(self) -> Path:
        """The main product."""
        return self._file(Category.PRODUCT, self.product)

    @property
    def preview(self) -> Path | None:
        """The preview of the main product, if there is one."""
        stem = self.product.removesuffix(".fits")
        directory = self._file(Category.PREVIEW, self.product).parent
        return next((path for ending in ("png", "jpg") if (path := directory / f"{stem}.{ending}").exists()), None)

    @property
    def logs(self) -> Path:
        """The directory of the logs."""
        return self._file(Category.LOG, self.product).parent

    def message(self, state: MessageState) -> Path:
        """Find the message that the dataset is in a state."""
        return self.root / TreeLayout().message_key(DatasetName.parse(self.dataset), state)

    def _file(self, category: Category, name: str) -> Path:
        return self.root / TreeLayout().file_key(DatasetName.parse(self.dataset), category, name)


def places_of(run: Run) -> Places:
    """Find the places in which a run leaves its files."""
    return Places(run.place, run.observation.dataset, run.observation.product)


def success_text(run: Run, comparison: Comparison) -> str:
    """Report the agreement of the products with the truth, and the places of the files."""
    verdict = "agrees with" if comparison.agrees else "DIFFERS FROM"
    places = places_of(run)
    rows = (
        ("products", places.products),
        ("preview", places.preview),
        ("logs", places.logs),
        ("raw files", run.observation.inputs),
        ("CRDS cache", run.observation.crds_cache),
    )
    return "\n".join(
        [
            f"\n{comparison.product.name} {verdict} the simulated truth:",
            *(f"  {fit}" for fit in comparison.fits),
            "\nFiles:",
            _listed(rows),
        ]
    )


def fault_text(run: Run, fault: Fault, status: int) -> str:
    """Report the run's answer to a fault."""
    places = places_of(run)
    rows = (("message", places.message(MessageState.ERROR)), ("logs", places.logs))
    expected = " or ".join(map(str, fault.statuses))
    verdict = f"as was expected of {fault.name}" if status in fault.statuses else f"where {expected} was expected"
    return f"\nThe run ended with status {status}, {verdict}.\n" + _listed(rows)


def _listed(rows: Iterable[tuple[str, Path | None]]) -> str:
    return columns([(f"  {name}", str(path)) for name, path in rows if path is not None and path.exists()])
