"""Choice of CALCLOUD's layout by the form of the output, since CALCLOUD has no way to ask for it."""

from __future__ import annotations

from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.location import OutputLocation
from caldp.domain.run.settings import Layer


def implied_settings(output: OutputLocation, dataset: AnyDataset) -> Layer:
    """Return the settings that an output implies; any other source of settings wins over them.

    An output in S3 that ends in ``outputs/<dataset>`` is what CALCLOUD's jobs name, and nothing that a person would
    choose for a tree, in which the dataset's name would come twice: it implies CALCLOUD's layout.

    Parameters
    ----------
    output
        As the command gives it.
    dataset
        Dataset to process.
    """
    ending = f"/outputs/{dataset.name}"
    theirs = bool(output.bucket) and f"/{output.prefix}".endswith(ending)
    return Layer(f"output {output}", {"layout": LayoutKind.CALCLOUD.value} if theirs else {})
