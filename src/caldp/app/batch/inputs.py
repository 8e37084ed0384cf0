"""Inputs of a batch: the datasets that there are, and how large they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from attrs import define, evolve, field

from caldp.app.ports.input_listing import InputListing
from caldp.domain.batch.estimate import Estimate, Past, from_traits
from caldp.domain.batch.files import own_settings
from caldp.domain.batch.holdings import Holdings, missing
from caldp.domain.batch.manifest import Entry, Problem, Reading
from caldp.domain.batch.traits import Traits
from caldp.domain.errors import CaldpError, InvalidInput, InvalidSetting, UsageError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.request import RunRequest
from caldp.domain.run.wishes import check_wishes

_MOST_HEADERS: Final = 10_000
"""Raw exposures whose headers are read for estimates; further datasets are estimated from sizes."""


@define
class Inputs:
    """Inputs of a batch; each location is listed once, and each association table read once.

    Attributes
    ----------
    listing_of
        Return the listing of a location; None if it cannot be listed, like an archive.
    """

    listing_of: Callable[[str], InputListing | None]
    _listings: dict[str, InputListing | None] = field(factory=dict)
    _holdings: dict[str, Holdings | None] = field(factory=dict)
    _files: dict[str, Mapping[str, int]] = field(factory=dict)
    _members: dict[tuple[str, str], frozenset[str]] = field(factory=dict)
    _headers: int = 0

    def holdings(self, place: str) -> Holdings | None:
        """Return the files of a location, by what they belong to; None if it cannot be listed.

        Raises
        ------
        CaldpError
            If there is no such location, or it cannot be read.
        """
        if place not in self._holdings:
            listing = self._listings.setdefault(place, self.listing_of(place))
            self._files[place] = {} if listing is None else listing.files()
            self._holdings[place] = None if listing is None else Holdings.of(self._files[place].items())
        return self._holdings[place]

    def datasets(self, place: str) -> tuple[str, ...]:
        """List the datasets of a location.

        Raises
        ------
        UsageError
            If the location cannot be listed.
        CaldpError
            If it cannot be read.
        """
        found = self.holdings(place)
        if found is None:
            raise UsageError(f"{place} cannot be listed.", advice="Name the datasets, or a file that does.")
        return found.datasets(lambda table: self._in_table(place, table))

    def _in_table(self, place: str, table: str) -> frozenset[str]:
        key = (place, table)
        if key not in self._members:
            listing = self._listings[place]
            try:
                self._members[key] = frozenset(() if listing is None else listing.members(table))
            except InvalidInput:
                self._members[key] = frozenset()  # the run of its dataset will say so
        return self._members[key]

    def check(self, reading: Reading, entries: Sequence[Entry], common: RunRequest) -> Reading:
        """Return a reading of a manifest with the mistakes that only inputs and settings show.

        Parameters
        ----------
        reading
            Manifest as its text was read.
        entries
            Datasets of the batch.
        common
            Request of any of them, with the settings that all have.

        Raises
        ------
        CaldpError
            If the input of the batch cannot be read.
        """
        problems = list(reading.problems)
        lines = {entry.dataset: entry.line for entry in entries}
        places = [(entry.dataset, entry.input or str(common.source)) for entry in entries]
        known: dict[str, Holdings] = {}
        for dataset, place in {place: (name, place) for name, place in reversed(places)}.values():
            try:
                found = self.holdings(place)
            except CaldpError as error:
                if place == str(common.source):
                    raise
                problems.append(Problem(lines[dataset], error.message.rstrip(".")))
                continue
            if found is not None:
                known[place] = found
        for name, reason in missing(known, places).items():
            problems.append(Problem(lines[name], f"the input has nothing for {name}: {reason}"))
        for entry in entries:
            try:
                settings = own_settings(common.settings, entry.settings)
                check_wishes(DatasetName.parse(entry.dataset), settings)
            except (InvalidSetting, UsageError) as error:
                problems.append(Problem(entry.line, f"{error.message.rstrip('.')}; {error.advice.rstrip('.').lower()}"))
        return evolve(reading, problems=problems)

    def sizes(self, entry: Entry, common: RunRequest) -> Mapping[str, int]:
        """Return sizes of files of a dataset's input, bytes, by name; empty if they are not known."""
        place = entry.input or str(common.source)
        self.holdings(place)
        return self._files[place]

    def estimate(self, entry: Entry, common: RunRequest, past: Past) -> Estimate:
        """Estimate time and memory of a dataset from its raw files, and from past runs of like datasets."""
        place = entry.input or str(common.source)
        holdings = self.holdings(place)
        if holdings is None:
            return Estimate()
        is_packed = entry.dataset in holdings.packed
        table = holdings.guides.get(entry.dataset, "")
        members = self._in_table(place, table) if table and not is_packed else ()
        files, size = holdings.sizes(entry.dataset, members)
        header = self._header(place, holdings.example(entry.dataset, members))
        traits = Traits.of(entry.dataset, files, size, header, is_packed=is_packed)
        return evolve(past.correct(traits, from_traits(traits)), files=files, input_bytes=size)

    def _header(self, place: str, name: str) -> Mapping[str, str]:
        """Read a header, unless so many were read that more of them take too long."""
        listing = self._listings[place]
        self._headers += 1
        return listing.header(name) if listing is not None and name and self._headers <= _MOST_HEADERS else {}
