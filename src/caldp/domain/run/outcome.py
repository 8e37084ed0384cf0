"""Outcome: the value that a run returns."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from attrs import frozen

from caldp.domain.errors import UsageError
from caldp.domain.exit_codes import ExitCode, explain
from caldp.domain.hst.files import HstFileName
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord, StepRecord

_MOST_CHARACTERS: Final = 160
"""Length of a failure's message in `repr`."""
_MOST_ROWS: Final = 40
"""Rows of products in the table for notebooks."""


@frozen
class PublishReceipt:
    """Objects that were published, and their place.

    Attributes
    ----------
    location
        Address of the dataset's products; empty if nothing was published.
    objects
        Addresses of everything that was stored, in the order in which it was.
    message
        The final message's state, or None if none was written.
    bytes_stored
        Bytes stored.
    """

    location: str = ""
    objects: tuple[str, ...] = ()
    message: MessageState | None = None
    bytes_stored: int = 0


@frozen(repr=False)
class Outcome:
    """Result of a run; true if everything was done.

    Attributes
    ----------
    status
        Status of the whole run, publishing included: the exit status of the command.
    record
        All there is to say about the run.
    receipt
        Receipt of the publication; None if there was none.
    work_directory
        Path of the scratch files, if they were kept; else empty.
    """

    status: ExitCode
    record: RunRecord
    receipt: PublishReceipt | None = None
    work_directory: str = ""

    @property
    def ok(self) -> bool:
        """True if everything was done."""
        return self.status is ExitCode.SUCCESS

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        parts = [f"{self.record.dataset}: {self.status.name} ({int(self.status)})"]
        parts += [failure.message[:_MOST_CHARACTERS] for failure in self.record.failures[:1]]
        if self.products:
            parts.append(f"{len(self.products)} products")
        if self.receipt is not None and self.receipt.location:
            parts.append(f"in {self.receipt.location}")
        if self.work_directory:
            parts.append(f"scratch kept in {self.work_directory}")
        return f"<Outcome {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        """Return a table for notebooks: the status, failures, the place, and products with their sizes."""
        rows = [("failure", f"{failure.message} {failure.advice}".strip()) for failure in self.record.failures]
        if self.receipt is not None and self.receipt.location:
            rows.append(("products in", self.receipt.location))
        if self.work_directory:
            rows.append(("scratch kept in", self.work_directory))
        rows += [(product.name, f"{product.size / 1e6:.1f} MB") for product in self.products[:_MOST_ROWS]]
        if len(self.products) > _MOST_ROWS:
            rows.append(("", f"and {len(self.products) - _MOST_ROWS} more products"))
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>" for name, text in rows)
        caption = escape(f"{self.record.dataset}: {explain(self.status)}")
        return f"<table><caption>{caption}</caption><tbody>{body}</tbody></table>"

    def path(self, suffix: str) -> str:
        """Return where a delivered FITS file is.

        Parameters
        ----------
        suffix
            Its suffix, such as ``x1dsum`` or ``flt``, or its whole name.

        Returns
        -------
        str
            Path on this machine or ``s3://`` address. If nothing was published, the path in the scratch directory, if
            that was kept.

        Raises
        ------
        UsageError
            If there is no such file, or more than one. The message lists the files that there are.
        """
        places = self._places()
        found = [name for name in places if suffix in (name, _suffix_of(name))]
        if len(found) == 1:
            return places[found[0]]
        if found:
            raise UsageError(
                f"{self.record.dataset} has {len(found)} files {suffix!r}: {', '.join(found)}.",
                advice="Give the whole name of one.",
            )
        raise UsageError(f"{self.record.dataset} has no file {suffix!r}.", advice=self._what_there_is(places))

    def _places(self) -> Mapping[str, str]:
        """Return the address of every file, by name."""
        if self.receipt is not None and self.receipt.objects:
            return {address.rpartition("/")[2]: address for address in self.receipt.objects}
        if self.work_directory:
            return {product.name: f"{self.work_directory}/data/{product.name}" for product in self.products}
        return {}

    @staticmethod
    def _what_there_is(places: Mapping[str, str]) -> str:
        suffixes = sorted({suffix for name in places if (suffix := _suffix_of(name))})
        if suffixes:
            return f"There are {', '.join(suffixes)}."
        tarball = next((place for name, place in places.items() if name.endswith(".tar.gz")), "")
        if tarball:
            return f"The products are in the tarball {tarball}."
        return f"There are {', '.join(places)}." if places else "Nothing was published, and no scratch directory kept."

    @property
    def products(self) -> tuple[FileRecord, ...]:
        """The files that calibration made."""
        return self.record.products

    @property
    def steps(self) -> tuple[StepRecord, ...]:
        """The steps of the run with their durations and resource usage."""
        return self.record.steps

    @property
    def references(self) -> tuple[ReferenceRecord, ...]:
        """The reference files used."""
        return self.record.references


def _suffix_of(name: str) -> str:
    """Return the suffix of a FITS file's name, such as ``rawtag_a``; empty for another file."""
    if not name.endswith(".fits"):
        return ""
    parsed = HstFileName.parse(name)
    return parsed.suffix if parsed else name.removesuffix(".fits").rpartition("_")[2]
