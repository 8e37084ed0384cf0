"""Frames of ACS's Wide Field Channel: which chips are read out, by which amplifiers, with how much overscan.

Sizes of the whole detector: ACS Instrument Handbook, chapter 3. That of a quadrant for ramp filters: the rules of CRDS
for the biases of such quadrants (``hst_acs_biasfile``). The subarray is a made-up one, cut out as those named
WFC1-512 were, and its reference files are no larger than it.
"""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen
class Frame:
    """Readout of the detector.

    Attributes
    ----------
    chips
        Numbers of the chips, in the order of their image sets.
    amplifiers
        CCDAMP.
    aperture
        APERTURE.
    columns, rows
        Size of a chip that sees light.
    left, right
        Columns of physical overscan.
    virtual
        Rows of virtual overscan, above the second chip and below the first.
    """

    chips: tuple[int, ...]
    amplifiers: str
    aperture: str
    columns: int
    rows: int
    left: int
    right: int
    virtual: int

    @property
    def is_subarray(self) -> bool:
        """True if one chip alone is read out."""
        return len(self.chips) == 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a raw image."""
        return self.rows + self.virtual, self.left + self.columns + self.right

    @property
    def lit_shape(self) -> tuple[int, int]:
        """Rows and columns that see light."""
        return self.rows, self.columns

    def below(self, chip: int) -> int:
        """Return the rows of virtual overscan below the light of a chip."""
        return self.virtual if chip == 1 else 0

    def lit(self, chip: int) -> tuple[slice, slice]:
        """Return the part of a chip's raw image that sees light."""
        return slice(self.below(chip), self.below(chip) + self.rows), slice(self.left, self.left + self.columns)


SUBARRAY: Final = Frame((1,), "A", "WFC1-512", 512, 512, 24, 0, 0)
FULL_FRAME: Final = Frame((2, 1), "ABCD", "WFC", 4096, 2048, 24, 24, 20)
RAMP_QUADRANT: Final = Frame((1,), "A", "WFC1-IRAMPQ", 2048, 2046, 22, 0, 0)

GAIN: Final = 2.0
"""Electrons per DN."""

READ_NOISE: Final = 4.5
"""Electrons."""

BIAS_LEVEL: Final = 2400.0
"""DN, in the overscan too."""

FILTER: Final = "F606W"
RAMP_FILTER: Final = "FR716N"
