"""From the work directory to what is to be published."""

from __future__ import annotations

from caldp.app.flow import DeliveredFile, FetchedInputs, PreviewSet, ProductSet, WorkDirectory
from caldp.domain.layout import Category
from caldp.domain.products import delivered


def collect(work: WorkDirectory, inputs: FetchedInputs, previews: PreviewSet) -> ProductSet:
    """Choose what is delivered of a run.

    If calibration made no product at all, every input is delivered in the products' place, for debugging.

    Parameters
    ----------
    work
        The run's directory, after calibration.
    inputs
        What calibration started from.
    previews
        What was drawn.
    """
    present = [path.name for path in work.data.iterdir() if path.is_file()]
    chosen = delivered(inputs.observation.dataset, present)
    if not chosen.keys() - inputs.files.keys():
        chosen = dict.fromkeys(inputs.files.keys() & present, Category.PRODUCT) | chosen
    files = [DeliveredFile(work.data / name, category) for name, category in chosen.items()]
    files += [DeliveredFile(path, Category.PREVIEW) for path in previews.files]
    return ProductSet(tuple(sorted(files, key=lambda file: (file.category.value, file.path.name))))
