"""Selection of the files to publish from the work directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from caldp.app.calibration.signature import GONE, Signature, is_unchanged
from caldp.app.process.flow import DeliveredFile, FetchedInputs, PreviewSet, ProductSet, WorkDirectory
from caldp.domain.output.layout import Category
from caldp.domain.output.products import delivered, own_roots


def collect(
    work: WorkDirectory, inputs: FetchedInputs, previews: PreviewSet, judged: Mapping[str, Signature] | None = None
) -> ProductSet:
    """Choose the files of a run to deliver: no links, and no file named after another dataset.

    If calibration made no product at all, every input is delivered in the products' place, for debugging. If a file
    has changed since it was judged, the set says so, and vouches for none of its files.

    Parameters
    ----------
    work
        The run's directory, after calibration.
    inputs
        Inputs of the calibration.
    previews
        Pictures that were drawn.
    judged
        Signatures of the files as calibration left and judged them; None if it failed.
    """
    dataset, roots = inputs.observation.dataset, own_roots(inputs.observation)
    present = [path.name for path in work.data.iterdir() if path.is_file() and not path.is_symlink()]
    chosen = delivered(dataset, present, roots)
    if not chosen.keys() - inputs.files.keys():
        chosen = dict.fromkeys(inputs.files.keys() & present, Category.PRODUCT) | chosen
    changed = () if judged is None else _changed(work, chosen.keys() | delivered(dataset, judged, roots).keys(), judged)
    signatures = {} if judged is None or changed else judged
    files = [DeliveredFile(work.data / name, category, signatures.get(name)) for name, category in chosen.items()]
    files += [DeliveredFile(path, Category.PREVIEW) for path in previews.files]
    return ProductSet(tuple(sorted(files, key=lambda file: (file.category.value, file.path.name))), changed)


def _changed(work: WorkDirectory, names: Iterable[str], judged: Mapping[str, Signature]) -> tuple[str, ...]:
    """List the files that were written, removed or made since calibration was judged."""
    return tuple(name for name in sorted(names) if not is_unchanged(work.data / name, judged.get(name, GONE)))
