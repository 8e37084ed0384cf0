"""Contract of the port Leftovers."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.app.ports.leftovers import Leftovers
from caldp.domain.run.leftovers import Leftover, Standing


class LeftoversContract:
    """Override the fixture `leftovers`; the rest is the contract."""

    @pytest.fixture
    def leftovers(self, tmp_path: Path) -> Leftovers:
        """Return what finds two scratch directories in `tmp_path`: a failed run's and a living one's."""
        raise NotImplementedError

    def found(self, leftovers: Leftovers, *places: Path) -> dict[Standing, Leftover]:
        return {leftover.standing: leftover for leftover in leftovers.find(places)}

    def test_leftovers_are_found_with_their_standing(self, leftovers: Leftovers, tmp_path: Path) -> None:
        found = self.found(leftovers, tmp_path)
        assert found.keys() == {Standing.FAILED, Standing.RUNNING}
        assert all(Path(leftover.path).is_relative_to(tmp_path) for leftover in found.values())
        assert all(leftover.size > 0 for leftover in found.values())

    def test_a_place_that_is_missing_holds_nothing(self, leftovers: Leftovers, tmp_path: Path) -> None:
        assert self.found(leftovers, tmp_path / "nowhere") == {}

    def test_what_may_go_is_removed(self, leftovers: Leftovers, tmp_path: Path) -> None:
        failed = self.found(leftovers, tmp_path)[Standing.FAILED]
        assert leftovers.remove(failed, kept=False, gone_hosts=())
        assert self.found(leftovers, tmp_path).keys() == {Standing.RUNNING}

    def test_what_has_gone_by_itself_counts_as_removed(self, leftovers: Leftovers, tmp_path: Path) -> None:
        failed = self.found(leftovers, tmp_path)[Standing.FAILED]
        assert leftovers.remove(failed, kept=False, gone_hosts=())
        assert leftovers.remove(failed, kept=False, gone_hosts=())

    def test_what_a_living_run_owns_stays(self, leftovers: Leftovers, tmp_path: Path) -> None:
        running = self.found(leftovers, tmp_path)[Standing.RUNNING]
        assert not leftovers.remove(running, kept=True, gone_hosts=())
        assert Standing.RUNNING in self.found(leftovers, tmp_path)
