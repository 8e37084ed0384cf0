"""Contract of the port ReferenceFileService."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.reference_file_service import ReferenceFileService
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.events import Event


@frozen
class Case:
    """A service and exposures that it knows references for.

    Attributes
    ----------
    service
        Under test.
    context
        Context that it assigns from.
    raws
        Writable raw exposures.
    cache
        Directory that holds the reference files, in it or below.
    """

    service: ReferenceFileService
    context: str
    raws: tuple[Path, ...]
    cache: Path


class ReferenceFileServiceContract(ABC):
    """Subclasses make the cases; the rest is the contract."""

    @pytest.fixture
    @abstractmethod
    def case(self, tmp_path: Path) -> Case:
        """Return a service that can assign."""

    @abstractmethod
    def header(self, case: Case, raw: Path) -> dict[str, str]:
        """Read a header's text keywords, by a way round the service."""

    def test_assigns_files_that_exist_and_writes_them_into_the_headers(self, case: Case) -> None:
        heard: list[Event] = []
        assignment = case.service.assign(case.raws, heard.append)
        assert assignment.context == case.context
        assert heard
        assert assignment.references
        for reference in assignment.references:
            assert reference.path.is_file()
            assert reference.name
            assert set(reference.exposures) <= {raw.name for raw in case.raws}
            for raw in case.raws:
                if raw.name in reference.exposures:
                    assert self.header(case, raw)[reference.keyword].endswith(f"ref${reference.name}")

    def test_tells_what_it_went_by(self, case: Case) -> None:
        assignment = case.service.assign(case.raws, lambda event: None)
        assert assignment.server.startswith("https://")
        assert assignment.selection.keys() == {raw.name for raw in case.raws}
        for matched in assignment.selection.values():
            assert "INSTRUME" in matched
            assert all(isinstance(value, str) for value in matched.values())

    def test_a_prepared_service_assigns_the_same(self, case: Case) -> None:
        plain = case.service.assign(case.raws, lambda event: None)
        case.service.prepare()
        assert case.service.assign(case.raws, lambda event: None) == plain
        case.service.close()

    @pytest.mark.parametrize("dataset", ["ldfd01010", "jbz504010", "acs_92c_01"])
    def test_assigns_the_same_whatever_dataset_it_was_prepared_for(self, case: Case, dataset: str) -> None:
        plain = case.service.assign(case.raws, lambda event: None)
        case.service.prepare(DatasetName.parse(dataset))
        assert case.service.assign(case.raws, lambda event: None) == plain

    def test_may_be_closed_at_any_time(self, case: Case) -> None:
        case.service.close()
        case.service.prepare()
        case.service.close()
        case.service.close()

    def test_a_missing_reference_is_named(self, case: Case) -> None:
        victim = case.service.assign(case.raws, lambda event: None).references[0]
        victim.path.unlink()
        with pytest.raises(BestrefsError, match=victim.name):
            case.service.assign(case.raws, lambda event: None)
