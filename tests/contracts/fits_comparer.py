"""Contract of the port FitsComparer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from caldp.app.ports.fits_comparer import FitsComparer
from caldp.domain.comparison.agreement import Agreement, Tolerance

TOLERANCE = Tolerance()


class FitsComparerContract(ABC):
    """Subclasses make the comparer and the files; the rest is the contract."""

    @pytest.fixture
    @abstractmethod
    def comparer(self) -> FitsComparer:
        """Return the comparer."""

    @abstractmethod
    def write(self, path: Path, value: int) -> None:
        """Write a file whose data hold a value."""

    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        """Make two files of one name that hold the same."""
        places = tmp_path / "a" / "x_flt.fits", tmp_path / "b" / "x_flt.fits"
        for place in places:
            place.parent.mkdir()
            self.write(place, 1)
        return places

    def test_equal_files_agree_exactly(self, comparer: FitsComparer, files: tuple[Path, Path]) -> None:
        found = comparer.compare(*files, TOLERANCE)
        assert (found.name, found.agreement, found.is_read, found.hdus) == ("x_flt.fits", Agreement.EXACT, True, ())

    def test_another_value_differs(self, comparer: FitsComparer, files: tuple[Path, Path]) -> None:
        self.write(files[1], 2)
        assert comparer.compare(*files, TOLERANCE).agreement is Agreement.DIFFERENT

    @pytest.mark.parametrize("side", [0, 1], ids=["A", "B"])
    @pytest.mark.parametrize("content", [b"", b"no such file"])
    def test_a_file_that_is_no_fits_file_is_not_comparable(
        self, comparer: FitsComparer, files: tuple[Path, Path], side: int, content: bytes
    ) -> None:
        files[side].write_bytes(content)
        found = comparer.compare(*files, TOLERANCE)
        assert found.agreement is Agreement.NOT_COMPARABLE
        assert found.reason.startswith(f"{'AB'[side]} cannot be read: ")

    def test_a_file_that_is_gone_is_not_comparable(self, comparer: FitsComparer, files: tuple[Path, Path]) -> None:
        files[1].unlink()
        assert comparer.compare(*files, TOLERANCE).agreement is Agreement.NOT_COMPARABLE
