"""Engines that exit 0 and did not do their job, or did it and something else beside."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.campaign.attempt import Try
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World


def engines(attempt: Try, world: World) -> None:
    """Let the engine misbehave in one way."""
    chance = attempt.chance
    target = choose_target(attempt, world)
    products = attempt.place / "products"
    shutil.copytree(attempt.subject.products, products)
    harmless = chance.random() < 0.25
    name = chance.choice(sorted(HARMLESS if harmless else HARMFUL))
    attempt.tell(name)
    orders = (HARMLESS if harmless else HARMFUL)[name](attempt, products)
    attempt.engine(products=products, **orders)
    ended = attempt.run(f"file:{attempt.subject.inputs}", *target.arguments)
    attempt.look_for_orphans()
    target.judge(attempt, ended, must_succeed=harmless)


Trick = Callable[[Try, Path], dict[str, Any]]


def _images(attempt: Try, products: Path) -> Path:
    """Choose a product with images."""
    names = ("flt", "crj", "counts", "sx2")
    return attempt.chance.choice([path for path in sorted(products.iterdir()) if path.stem.split("_")[-1] in names])


def _fits(attempt: Try, products: Path) -> Path:
    """Choose any FITS product that holds data."""
    return attempt.chance.choice([path for path in sorted(products.glob("*.fits")) if "_jnk" not in path.name])


def _spectra(attempt: Try, products: Path) -> Path:
    """Choose a product with spectra."""
    names = ("x1d", "sx1", "x1dsum")
    return attempt.chance.choice(
        [path for path in sorted(products.glob("*.fits")) if path.stem.split("_")[-1] in names]
    )


def _edit(path: Path, change: Callable[[Any], Any]) -> dict[str, Any]:
    """Change the HDUs of a product."""
    from astropy.io import fits

    buffer = io.BytesIO()
    with fits.open(path, memmap=False) as hdus:
        change(hdus).writeto(buffer)
    path.write_bytes(buffer.getvalue())
    return {}


def _without(extension: str) -> Trick:
    """Drop all extensions of a name."""

    def trick(attempt: Try, products: Path) -> dict[str, Any]:
        from astropy.io import fits

        return _edit(_images(attempt, products), lambda hdus: fits.HDUList([x for x in hdus if x.name != extension]))

    return trick


def _without_imset(attempt: Try, products: Path) -> dict[str, Any]:
    """Drop the last three HDUs, which are an imset, but promise them."""
    return _edit(_images(attempt, products), lambda hdus: hdus[:-3])


def _without_last(attempt: Try, products: Path) -> dict[str, Any]:
    return _edit(_fits(attempt, products), lambda hdus: hdus[:-1])


def _constant(value: float) -> Trick:
    """Fill the science data with one value."""

    def trick(attempt: Try, products: Path) -> dict[str, Any]:
        def change(hdus: Any) -> Any:
            for hdu in hdus[1:]:
                if hdu.name == "SCI" and hdu.is_image:
                    hdu.data[:] = value
                elif hdu.name == "SCI":
                    hdu.data["FLUX"][:] = value
            return hdus

        names = ("flt", "crj", "counts", "sx2", "x1d", "sx1", "x1dsum", "x1dsum3", "x1dsum4")
        chosen = [path for path in sorted(products.glob("*.fits")) if path.stem.split("_")[-1] in names]
        return _edit(attempt.chance.choice(chosen), change)

    return trick


def _without_column(attempt: Try, products: Path) -> dict[str, Any]:
    """Drop a column without which a table is no spectrum."""
    from astropy.io import fits

    column = attempt.chance.choice(("NELEM", "WAVELENGTH", "NET", "FLUX", "ERROR"))

    def change(hdus: Any) -> Any:
        rest = [each for each in hdus[1].columns if each.name != column]
        kept = {key: value for key, value in hdus[1].header.items() if key in ("EXPTIME", "EXPSTART", "EXPEND")}
        hdus[1] = fits.BinTableHDU.from_columns(rest, fits.Header(kept), name="SCI")
        return hdus

    return _edit(_spectra(attempt, products), change)


def _without_wavelengths(attempt: Try, products: Path) -> dict[str, Any]:
    def change(hdus: Any) -> Any:
        hdus[1].data["WAVELENGTH"][:] = attempt.chance.choice((0.0, float("nan")))
        return hdus

    return _edit(_spectra(attempt, products), change)


def _no_rows(attempt: Try, products: Path) -> dict[str, Any]:
    from astropy.io import fits

    def change(hdus: Any) -> Any:
        hdus[1] = fits.BinTableHDU(hdus[1].data[:0], header=hdus[1].header)
        return hdus

    return _edit(_spectra(attempt, products), change)


def _keyword(keyword: str, value: object) -> Trick:
    """Change a keyword wherever a product has it."""

    def trick(attempt: Try, products: Path) -> dict[str, Any]:
        def change(hdus: Any) -> Any:
            for hdu in hdus:
                if keyword in hdu.header:
                    hdu.header[keyword] = value
            return hdus

        having = [path for path in sorted(products.glob("*.fits")) if keyword.encode() in path.read_bytes()]
        return _edit(attempt.chance.choice(having), change)

    return trick


def _sibling(attempt: Try, products: Path) -> dict[str, Any]:
    path = _fits(attempt, products)
    other = path.name[:6] + ("9zq" if path.name[6:9] != "9zq" else "8zq")
    return _edit(path, lambda hdus: (hdus[0].header.set("ROOTNAME", other), hdus)[1])


def _cut(attempt: Try, products: Path) -> dict[str, Any]:
    path = _fits(attempt, products)
    size = path.stat().st_size
    keep = attempt.chance.choice((0, 1, 2880, size - 2880, size - 1, attempt.chance.randrange(size)))
    path.write_bytes(path.read_bytes()[:keep])
    return {}


def _perform(_attempt: Try, products: Path) -> dict[str, Any]:
    """Leave a switch that was to be completed in every product."""
    for path in products.glob("*.fits"):
        body = path.read_bytes()
        path.write_bytes(body.replace(b"FLATCORR= 'COMPLETE'", b"FLATCORR= 'PERFORM '"))
    return {}


def _missing(attempt: Try, products: Path) -> dict[str, Any]:
    attempt.chance.choice(sorted(products.iterdir())).unlink()
    return {}


def _nothing(_attempt: Try, products: Path) -> dict[str, Any]:
    for path in products.iterdir():
        path.unlink()
    return {}


def _raw(attempt: Try) -> str:
    return attempt.chance.choice([name for name in attempt.subject.input_names if "_raw" in name])


def _tricks(*tricks: dict[str, Any], status: int = 0) -> dict[str, Any]:
    return {"tricks": list(tricks), "status": status}


HARMFUL: Final[dict[str, Trick]] = {
    "no SCI": _without("SCI"),
    "no ERR": _without("ERR"),
    "no DQ": _without("DQ"),
    "an imset is missing": _without_imset,
    "the last HDU is missing": _without_last,
    "NaN": _constant(float("nan")),
    "zero": _constant(0.0),
    "one value": _constant(7.0),
    "no rows": _no_rows,
    "a column is missing": _without_column,
    "no wavelengths": _without_wavelengths,
    "EXPTIME 0": _keyword("EXPTIME", 0.0),
    "another ROOTNAME": _sibling,
    "cut off": _cut,
    "a switch stays": _perform,
    "a product is missing": _missing,
    "nothing is made": _nothing,
    "an input is deleted": lambda attempt, _: _tricks({"name": "delete", "file": _raw(attempt)}),
    "an input is rewritten": lambda attempt, _: _tricks({"name": "append", "file": _raw(attempt)}),
    "an input grows": lambda attempt, _: _tricks({"name": "grow", "file": _raw(attempt)}),
    "a product is a directory": lambda attempt, products: _tricks(
        {"name": "make_directory", "file": _fits(attempt, products).name}
    ),
    "the table is deleted": lambda attempt, _: _tricks(
        {"name": "delete", "file": f"{attempt.subject.dataset}_asn.fits"}
    ),
    "a product is a link": lambda attempt, products: _tricks({"name": "link", "file": _fits(attempt, products).name}),
    "a daemon truncates a product": lambda attempt, products: _tricks(
        {
            "name": "truncate_later",
            "seconds": attempt.chance.uniform(0.0, 1.0),
            "file": _fits(attempt, products).name,
        }
    ),
    "a broken FITS file beside": lambda _try, _: _tricks(
        {"name": "write", "file": "extra_flt.fits", "text": "SIMPLE  = nothing of the kind"}
    ),
    "a file of another dataset": lambda attempt, products: _tricks(
        {"name": "copy", "file": _fits(attempt, products).name, "target": "lzzz01zzq_flt.fits"}
    ),
    "a status": lambda attempt, _: _tricks(status=attempt.chance.choice((1, 2, 5, 55, 65, 115, 255))),
    "a signal": lambda attempt, _: _tricks({"name": "die", "number": attempt.chance.choice((6, 9, 11, 15))}),
}
"""Tricks that no good run may come of."""

HARMLESS: Final[dict[str, Trick]] = {
    "50 MB of output": lambda attempt, _: _tricks(
        {"name": "noise", "megabytes": 50, "newlines": attempt.chance.random() < 0.5}
    ),
    "an idle daemon": lambda _try, _: _tricks({"name": "daemon", "command": "sleep 600"}),
    "a hidden daemon": lambda _try, _: _tricks({"name": "hide"}),
    "children": lambda _try, _: {"children": True},
    "slow": lambda attempt, _: _tricks({"name": "wait", "seconds": attempt.chance.uniform(0.0, 2.0)}),
}
"""Tricks that must not hinder a good run."""
