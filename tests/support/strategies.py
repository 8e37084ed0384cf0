"""Texts to throw at parsers: mostly nearly right, which finds more than pure noise does."""

from __future__ import annotations

from typing import Final

from hypothesis import strategies as st

DATASET_NAMES: Final = st.one_of(
    st.from_regex(r"[ijloIJLO][a-zA-Z0-9]{8}", fullmatch=True),
    st.from_regex(r"(acs|wfc3|ACS)_[a-z0-9]{3}_[a-z0-9]{2}", fullmatch=True),
    st.from_regex(r"skycell-p[0-9]{4}x[0-9]{2}y[0-9]{2}", fullmatch=True),
).filter(str.isascii)
"""Names that caldp processes."""

_NOISE: Final = st.text(max_size=6)

ALMOST_NAMES: Final = st.one_of(
    st.text(),
    st.tuples(_NOISE, DATASET_NAMES, _NOISE).map("".join),
    st.from_regex(r"[a-z][a-z0-9]{8}", fullmatch=True),
    st.tuples(DATASET_NAMES, st.sampled_from(["_raw.fits", "_RAWTAG_A.FITS", ".tra", "_flt", "/..", "\n"])).map(
        "".join
    ),
)
"""Names, names with something before or behind them, and anything else."""

ALMOST_LOCATIONS: Final = st.one_of(
    st.text(),
    st.tuples(
        st.sampled_from(["file:", "FILE:", "s3:", "s3://", "astroquery:", "astroquery:s3://", "none", "http://"]),
        st.text(alphabet=st.one_of(st.sampled_from("/.:ab\0 -"), st.characters()), max_size=20),
    ).map("".join),
    st.from_regex(r"(astroquery:)?s3://[a-z0-9.-]{1,8}(/[a-z./]{0,8})?", fullmatch=True),
)
"""Locations, and texts that begin like one."""

ALMOST_STATUSES: Final = st.one_of(
    st.text(max_size=20),
    st.integers(),
    st.integers(min_value=-70, max_value=300),
    st.integers(min_value=-70, max_value=300).map(str),
    st.sampled_from(["STAGE1_ERROR", "sigkill", "9" * 5000, 10**5000, 23.0, None, True, b"23", object()]),
)
"""Values that embedding code might take for an exit status."""
