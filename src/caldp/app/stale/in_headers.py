"""Datasets as loose files: what the headers of raw files and products tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Final

from attrs import frozen

from caldp.app.ports.header_source import HeaderSource
from caldp.app.stale.examination import Examination
from caldp.domain.errors import InputNotFound
from caldp.domain.hst.files import HstFileName, UnreadableFits
from caldp.domain.hst.instrument import Instrument
from caldp.domain.stale.engines_since import engine_in_header, older_engines
from caldp.domain.stale.findings import DatasetFinding, Exposure, Origin
from caldp.domain.stale.header_values import FileHeaders, dataset_of, exposure_of, instrument_name, is_exposure
from caldp.domain.stale.remarks import Present

_PRODUCTS: Final = (
    "corrtag_a",
    "corrtag_b",
    "corrtag",
    "flt_a",
    "flt_b",
    "flt",
    "flc",
    "ima",
    "crj",
    "x1d",
    "sx1",
    "x2d",
    "sx2",
)
"""Products that tell what an exposure was calibrated with, the best first: those of one segment before those of two."""

_OF_VISIT: Final = 6


@frozen
class InHeaders:
    """Examines datasets of which only files are there.

    Attributes
    ----------
    headers
        Reads headers.
    examination
        Judges exposures.
    present
        Present engines, for remarks.
    """

    headers: HeaderSource
    examination: Examination
    present: Present

    def of_places(self, paths: Iterable[Path], names: frozenset[str]) -> Iterator[DatasetFinding]:
        """Examine the datasets of files, tarballs and directories of them.

        Files of one visit are held at a time, since they may belong to one association.

        Parameters
        ----------
        paths
            The places.
        names
            Datasets to examine; none for all.

        Raises
        ------
        InputNotFound, InvalidInput
            As `HeaderSource.files` has it; also if there is no dataset at all.
        BestrefsError
            If the context, or its rules, are not to be had.
        """
        paths, count = sorted(paths), 0
        files = (file for path in paths for file in self.headers.files(path))
        for _, group in groupby(files, key=_visit):
            for finding in self._of_visit(list(group), names):
                count += 1
                yield finding
        if not count:
            what = f"None of {', '.join(sorted(names))}" if names else "No raw file or product of a dataset"
            raise InputNotFound(
                f"{what} is in {', '.join(map(str, paths[:3]))}.",
                advice="Expected names as the archive has them, such as jbz504haq_flt.fits.",
            )

    def _of_visit(
        self, files: Iterable[FileHeaders | UnreadableFits], names: frozenset[str]
    ) -> Iterator[DatasetFinding]:
        datasets: dict[str, list[FileHeaders]] = {}
        damaged: list[UnreadableFits] = []
        for file in files:
            if isinstance(file, UnreadableFits):
                damaged.append(file)
            elif _is_ours(file):
                datasets.setdefault(dataset_of(file), []).append(file)
        for name in sorted(datasets):
            if not names or name in names:
                own = datasets[name]
                yield self.of_dataset(name, own[0].place, [*own, *self._members_beside(own)])
        for one in damaged:
            if not names:
                problem = f"{one.name} cannot be read: {one.reason}"
                yield DatasetFinding(
                    one.name.partition("_")[0].partition(".")[0], Origin.HEADERS, one.name, problem=problem
                )

    def _members_beside(self, files: Iterable[FileHeaders]) -> Iterator[FileHeaders]:
        """Read the members of drizzled products that lie beside them and were not named."""
        files = list(files)
        known = {file.name for file in files}
        for file in files:
            for member in file.members if file.is_blended else ():
                names = [f"{member}_{suffix}.fits" for suffix in ("raw", "flc", "flt", "ima")]
                for name in names:
                    path = Path(file.container, name)
                    if name not in known and path.is_file():
                        known.add(name)
                        yield from (one for one in self.headers.files(path) if isinstance(one, FileHeaders))

    def of_dataset(self, dataset: str, place: str, files: Iterable[FileHeaders]) -> DatasetFinding:
        """Examine a dataset by the headers of its files.

        Parameters
        ----------
        dataset
            Its name.
        place
            Address of the first of them, for messages.
        files
            Its files, drizzled products among them.
        """
        files = [file for file in files if _is_ours(file)]
        blended = [file for file in files if file.is_blended]
        by_root = _by_root(files)
        exposures = [one for root in sorted(by_root) for one in self._exposures(by_root[root])]
        remarks = [*_on_blended(blended, by_root.keys()), *self._on_engines(files)]
        problem = "" if exposures else _lack(files, blended)
        context = _context(files)
        finding = DatasetFinding(dataset, Origin.HEADERS, place, context, "", (), tuple(remarks), problem)
        return self.examination.judged(finding, exposures, {})

    def _exposures(self, files: Mapping[str, FileHeaders]) -> Iterator[Exposure]:
        instrument = instrument_name(next(iter(files.values())).union)
        kinds = self.examination.choice.instrument(instrument).kinds
        raws = [file for suffix, file in files.items() if suffix in Instrument(instrument).recipe.raw_suffixes]
        products = [files[suffix] for suffix in _PRODUCTS if suffix in files]
        if not raws:
            yield from (exposure_of(product, None, kinds) for product in _first_of_kind(products))
        for raw in raws:
            product = _made_of(raw, products)
            yield exposure_of(product or raw, raw, kinds)

    def _on_engines(self, files: Iterable[FileHeaders]) -> Iterator[str]:
        used: dict[str, str] = {}
        for file in files:
            header = file.hdus[0]
            if _is_product(file):
                used |= engine_in_header(instrument_name(header), header)
        yield from (f"engine {words}" for words in older_engines(used, self.present.engines() if used else {}))


def _is_ours(file: FileHeaders) -> bool:
    return bool(file.hdus) and bool(instrument_name(file.hdus[0])) and HstFileName.parse(file.name) is not None


def _is_product(file: FileHeaders) -> bool:
    parsed = HstFileName.parse(file.name)
    return parsed is not None and parsed.suffix in _PRODUCTS


def _visit(file: FileHeaders | UnreadableFits) -> tuple[str, str]:
    """Return what files of one association have in common: the place, and the first six characters of their names."""
    return (file.container if isinstance(file, FileHeaders) else ""), file.name[:_OF_VISIT]


def _by_root(files: Iterable[FileHeaders]) -> dict[str, dict[str, FileHeaders]]:
    """Sort the files of single exposures by rootname and suffix."""
    found: dict[str, dict[str, FileHeaders]] = {}
    for file in files:
        parsed = HstFileName.parse(file.name)
        if parsed is not None and is_exposure(file.name) and not file.is_blended:
            suffixes = {*_PRODUCTS, *Instrument(instrument_name(file.hdus[0])).recipe.raw_suffixes}
            if parsed.suffix in suffixes:
                found.setdefault(parsed.root, {})[parsed.suffix] = file
    return found


def _first_of_kind(products: list[FileHeaders]) -> list[FileHeaders]:
    """Return the best product, with that of the other segment if it is of one."""
    if not products:
        return []
    stem = products[0].name.rpartition(".")[0]
    if stem.endswith(("_a", "_b")):
        return [product for product in products if product.name.rpartition(".")[0][:-2] == stem[:-2]]
    return products[:1]


def _made_of(raw: FileHeaders, products: list[FileHeaders]) -> FileHeaders | None:
    """Return the best product of a raw file: of its own segment, or of all; none of a wavecal of STIS."""
    ending = raw.name.rpartition(".")[0][-2:]
    segment = ending if ending in ("_a", "_b") else ""
    if raw.name.endswith("_wav.fits"):
        return None
    own = [product for product in products if product.name.rpartition(".")[0].endswith(segment)]
    return next(iter(own or products), None)


def _on_blended(blended: Iterable[FileHeaders], roots: Iterable[str]) -> Iterator[str]:
    known = set(roots)
    for file in blended:
        missing = [member for member in file.members if member not in known]
        if len(missing) == len(file.members):
            continue
        words = f"; not at hand: {', '.join(missing)}" if missing else ""
        yield f"the header of {file.name} is blended from its members', which are examined instead{words}"


def _lack(files: list[FileHeaders], blended: list[FileHeaders]) -> str:
    if blended:
        return f"no member of {blended[0].name} is at hand, and its own header is blended"
    return f"none of its files tells how an exposure was calibrated: {', '.join(file.name for file in files[:3])}"


def _context(files: Iterable[FileHeaders]) -> str:
    found = {str(context).strip() for file in files if (context := file.hdus[0].get("CRDS_CTX"))}
    return found.pop() if len(found) == 1 else ""
