"""Examination of one dataset: its exposures, the references that they used, and those that they would get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import evolve, frozen

from caldp.app.ports.reference_choice import ReferenceChoice
from caldp.app.stale.comparisons import Comparisons, OldFile
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.instrument import Instrument
from caldp.domain.stale.findings import NONE, Comparison, DatasetFinding, Exposure, TypeFinding
from caldp.domain.stale.judging import judge_exposure, merged
from caldp.domain.stale.used import Used

_CALIBRATED: Final = frozenset(instrument.value for instrument in Instrument)


@frozen
class Examination:
    """Judges the exposures of datasets by one context.

    Attributes
    ----------
    choice
        The context.
    comparisons
        Comparisons of reference files.
    overrides
        Paths of reference files of the user's own, by keyword, that would be used now.
    """

    choice: ReferenceChoice
    comparisons: Comparisons
    overrides: Mapping[str, str]

    def judged(
        self, finding: DatasetFinding, exposures: Iterable[Exposure], used: Mapping[tuple[str, str], OldFile]
    ) -> DatasetFinding:
        """Add the findings about each type to those about a dataset.

        Parameters
        ----------
        finding
            Facts known of the dataset.
        exposures
            Its exposures.
        used
            More about the files that were used, by keyword and name.

        Raises
        ------
        BestrefsError
            If the context, or its rules for the instrument, are not to be had.
        """
        found: list[TypeFinding] = []
        problems: list[str] = [finding.problem] if finding.problem else []
        for exposure in exposures:
            lacking = self.lacking(exposure)
            if lacking:
                problems.append(lacking)
                continue
            try:
                found += self._types(exposure, used)
            except BestrefsError as error:
                problems.append(f"{exposure.name}: {error.message.rstrip('.')}")
        withdrawn = self.choice.context().withdrawn
        types = [evolve(one, is_withdrawn=one.old.lower() in withdrawn) for one in merged(found)]
        return evolve(
            finding,
            new_context=self.choice.context().name,
            types=tuple(types),
            problem="; ".join(dict.fromkeys(problems)),
        )

    def lacking(self, exposure: Exposure) -> str:
        """Say what is missing to judge an exposure; empty if nothing is."""
        if exposure.instrument not in _CALIBRATED:
            return f"{exposure.name} names no instrument that caldp calibrates"
        missing = sorted(self.choice.instrument(exposure.instrument).keys - exposure.selection.keys())
        if missing and exposure.is_partial:
            return f"the record has no {', '.join(missing)} of {exposure.name}, which the rules look at"
        return ""

    def _types(self, exposure: Exposure, used: Mapping[tuple[str, str], OldFile]) -> Iterable[TypeFinding]:
        assigned = dict(self.choice.assign(exposure.selection))
        own = {keyword: path for keyword, path in self.overrides.items() if keyword in assigned}
        assigned |= {keyword: path.rpartition("/")[2] for keyword, path in own.items()}

        def old_file(keyword: str) -> OldFile:
            name = exposure.references.get(keyword, NONE)
            return used.get((keyword, name), OldFile(name))

        def compare(keyword: str, _old: str, new: str, part: Used) -> Comparison:
            return self.comparisons.of(old_file(keyword), new, part, own.get(keyword, ""))

        def same(keyword: str) -> Comparison | None:
            return self.comparisons.same(old_file(keyword), own.get(keyword, ""))

        return judge_exposure(exposure, assigned, compare, same)
