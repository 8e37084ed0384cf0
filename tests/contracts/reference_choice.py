"""Contract of the port ReferenceChoice."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import frozen

from caldp.app.ports.reference_choice import ReferenceChoice


@frozen
class Case:
    """A choice, and an exposure that it knows references for.

    Attributes
    ----------
    choice
        Under test.
    context
        Its context.
    instrument
        Instrument of the exposure, in lower case.
    selection
        Header values of the exposure.
    withdrawn
        Name of a file that has been withdrawn.
    """

    choice: ReferenceChoice
    context: str
    instrument: str
    selection: Mapping[str, str]
    withdrawn: str


class ReferenceChoiceContract:
    """Override the fixture `case`; the rest is the contract."""

    @pytest.fixture
    def case(self) -> Case:
        raise NotImplementedError

    def test_tells_the_context_and_what_has_been_withdrawn(self, case: Case) -> None:
        facts = case.choice.context()
        assert facts.name == case.context
        assert case.withdrawn in facts.withdrawn

    def test_assigns_types_that_it_lists_and_files_that_it_finds(self, case: Case) -> None:
        assigned = case.choice.assign(case.selection)
        assert assigned
        assert assigned.keys() <= set(case.choice.instrument(case.instrument).kinds)
        names = {name for name in assigned.values() if name != "N/A" and not name.startswith("NOT FOUND")}
        assert names
        assert all(path is not None and path.is_file() for path in case.choice.locate(names).values())

    def test_looks_at_the_keywords_that_it_lists_only(self, case: Case) -> None:
        keys = case.choice.instrument(case.instrument).keys
        assert "INSTRUME" in keys
        less = {key: value for key, value in case.selection.items() if key in keys}
        assert case.choice.assign(less) == case.choice.assign({**case.selection, "ZZZ": "1"})

    @pytest.mark.parametrize("name", ["zzz_no_such_file.fits", "../../config/hst/server_config", "", "/etc/passwd"])
    def test_what_is_not_in_the_cache_has_no_path(self, case: Case, name: str) -> None:
        assert case.choice.locate([name]) == {name: None}

    def test_answers_several_threads(self, case: Case) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _number: case.choice.assign(case.selection), range(8)))
        assert all(answer == answers[0] for answer in answers)

    def test_may_be_closed_at_any_time(self, case: Case) -> None:
        case.choice.close()
        before = case.choice.context()
        case.choice.close()
        case.choice.close()
        assert case.choice.context() == before
        case.choice.close()
