"""Changes to simulated files: another mode is mostly another header."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from astropy.io import fits

from caldp.simulation import fits_files
from caldp.simulation.fits_files import Keywords

Change = Callable[[Path], None]
"""Changes the raw files in a directory."""

SCIENCE: Final = ("SCI", "EVENTS")
"""Extensions whose headers tell how an exposure was made."""

_FORM: Final = {
    "XTENSION", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "EXTNAME", "EXTVER", "BSCALE", "BZERO", "",
    "COMMENT", "HISTORY", "TFIELDS",
}  # fmt: skip
_OF_COLUMNS: Final = ("TTYPE", "TFORM", "TUNIT", "TDISP")


def carried_over(header: Any) -> dict[str, Any]:
    """Return the keywords of an extension that one of another form keeps."""
    return {name: header[name] for name in header if name not in _FORM and not name.startswith(_OF_COLUMNS)}


def switches(perform: str = "", omit: str = "") -> Keywords:
    """Give calibration switches as keywords.

    Parameters
    ----------
    perform, omit
        Their names, separated by blanks.
    """
    return {**dict.fromkeys(perform.split(), "PERFORM"), **dict.fromkeys(omit.split(), "OMIT")}


def revise(path: Path, primary: Keywords, science: Keywords | None = None) -> None:
    """Change keywords of a file.

    Parameters
    ----------
    path
        The file.
    primary, science
        Keywords of its primary header, and of the headers of its images or events.
    """
    with fits.open(path, memmap=False) as hdus:
        hdus[0].header.update(primary)
        for hdu in hdus[1:]:
            if science and hdu.name in SCIENCE:
                hdu.header.update(science)
        fits_files.write(path, hdus)


def rename_exposure(path: Path, root: str, suffix: str = "raw") -> Path:
    """Give a raw file another rootname or suffix; return its new path."""
    target = path.with_name(f"{root}_{suffix}.fits")
    with fits.open(path, memmap=False) as hdus:
        for hdu in hdus:
            for keyword in {"ROOTNAME", "EXPNAME"} & set(hdu.header):
                hdu.header[keyword] = root
        fits_files.write(target, hdus)
    if target != path:
        path.unlink()
    return target


def associate(directory: Path, members: Mapping[str, str]) -> None:
    """Replace the rows of the association table in a directory.

    Parameters
    ----------
    directory
        Directory of the table.
    members
        Rootnames with their MEMTYPE, products included.
    """
    (path,) = directory.glob("*_asn.fits")
    with fits.open(path, memmap=False) as hdus:
        header = {name: hdus[1].header[name] for name in ("ROOTNAME", "EXPNAME") if name in hdus[1].header}
        rows = [(name.upper(), role, not role.startswith("PROD")) for name, role in members.items()]
        formats = {"MEMNAME": "14A", "MEMTYPE": "14A", "MEMPRSNT": "L"}
        fits_files.write(path, [hdus[0], fits_files.rows_table("ASN", formats, rows, header)])


def raw_image(directory: Path, root: str) -> Path:
    """Return the path of the raw image of an exposure of ACS or WFC3."""
    return directory / f"{root}_raw.fits"


def repeat(directory: Path, roots: Sequence[str], dataset: str) -> None:
    """Turn a dither of ACS or WFC3 into repeated exposures.

    Parameters
    ----------
    directory
        Directory of the exposures and their table.
    roots, dataset
        The exposures, and their association.
    """
    for root in roots:
        revise(raw_image(directory, root), {"ASN_MTYP": "EXP-RPT", "NRPTEXP": 2, **switches("RPTCORR")})
    associate(directory, {**dict.fromkeys(roots, "EXP-RPT"), dataset: "PROD-RPT"})


def by_itself(directory: Path, root: str) -> None:
    """Leave one exposure of an association, without the table."""
    for path in directory.iterdir():
        if not path.name.startswith(root):
            path.unlink()
    for path in directory.glob("*.fits"):
        revise(path, {"ASN_ID": "NONE", "ASN_TAB": "NONE"})


def renamed_tables(directory: Path, pattern: str, values: Mapping[str, Any]) -> None:
    """Give every row of the reference tables that have such columns other values, and every header such keywords.

    Parameters
    ----------
    directory, pattern
        Tables.
    values
        Values by name of column and keyword.
    """
    for path in directory.glob(pattern):
        with fits.open(path, memmap=False) as hdus:
            for name in values.keys() & set(hdus[0].header):
                hdus[0].header[name] = values[name]
            for hdu in hdus[1:]:
                for name in values.keys() & set((getattr(hdu, "columns", None) and hdu.columns.names) or ()):
                    hdu.data[name] = values[name]
            fits_files.write(path, hdus)
