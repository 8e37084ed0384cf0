"""A comparer of FITS files that knows no FITS: a file is what its bytes are."""

from __future__ import annotations

from pathlib import Path

from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.difference import HduDifference, ProductDifference


class FakeComparer:
    """A FitsComparer that calls files different whose bytes differ.

    Attributes
    ----------
    compared
        Names of the files that were compared.
    """

    def __init__(self) -> None:
        self.compared: list[str] = []

    def compare(self, a: Path, b: Path, tolerance: Tolerance) -> ProductDifference:
        """Compare bytes."""
        self.compared.append(a.name)
        contents = []
        for side, path in (("A", a), ("B", b)):
            data = path.read_bytes() if path.exists() else b""
            if not data.startswith(b"SIMPLE"):
                reason = f"{side} cannot be read: it is no FITS file"
                return ProductDifference(a.name, Agreement.NOT_COMPARABLE, reason, is_read=True)
            contents.append(data)
        if contents[0] == contents[1]:
            return ProductDifference(a.name, Agreement.EXACT, is_read=True)
        hdu = HduDifference("", 1, Agreement.DIFFERENT, "its bytes differ")
        return ProductDifference(a.name, Agreement.DIFFERENT, hdus=(hdu,), is_read=True)
