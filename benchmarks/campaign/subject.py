"""The datasets that the campaign processes: simulated raw files, and products that a scripted engine delivers."""

from __future__ import annotations

import io
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from benchmarks.campaign.engine import PLACEHOLDER
from caldp.simulation import simulate

_IMAGES: Final = frozenset({"flt", "crj", "counts", "sx2"})
_SIDE: Final = 48
_EVENTS: Final = 200
_SAMPLES: Final = 64
_ENGINE: Final = Path(__file__).with_name("engine.py")
_DONE: Final = "COMPLETE"
INSTRUMENTS: Final = ("cos", "stis")


@frozen
class Subject:
    """A dataset, and what a good run of it makes.

    Attributes
    ----------
    dataset
        Its name.
    instrument
        Its instrument's directory in an output.
    inputs
        Directory of its raw files; not to be changed.
    crds_cache
        Directory of its CRDS cache; not to be changed.
    context
        The context in that cache.
    engine
        Name of the program that calibrates it.
    products
        Directory of the products, with `PLACEHOLDER` for the token of a run; not to be changed.
    """

    dataset: str
    instrument: str
    inputs: Path
    crds_cache: Path
    context: str
    engine: str
    products: Path

    @property
    def input_names(self) -> tuple[str, ...]:
        """Names of the raw files."""
        return tuple(sorted(path.name for path in self.inputs.iterdir()))

    @property
    def product_names(self) -> tuple[str, ...]:
        """Names of the products."""
        return tuple(sorted(path.name for path in self.products.iterdir()))


def make_subjects(directory: Path, instruments: Sequence[str] = INSTRUMENTS) -> tuple[Subject, ...]:
    """Simulate the datasets: a COS association, whose products are mostly tables, and a STIS one, mostly images."""
    makers = {
        "cos": lambda: _subject(directory, "cos", "calcos", 10.0, _cos_products),
        "stis": lambda: _subject(directory, "stis", "cs0.e", 300.0, _stis_products),
    }
    return tuple(makers[instrument]() for instrument in instruments)


def _subject(directory: Path, instrument: str, engine: str, seconds: float, names: Any) -> Subject:
    simulated = simulate(instrument, directory / instrument, exposure_time=seconds)
    products = directory / instrument / "products"
    products.mkdir()
    raws = [path for path in sorted(simulated.inputs.iterdir()) if "_raw" in path.name]
    for name, raw in names(simulated.dataset, raws):
        (products / name).write_bytes(product(name, raw))
    return Subject(
        simulated.dataset, instrument, simulated.inputs, simulated.crds_cache, simulated.context, engine, products
    )


def _cos_products(dataset: str, raws: Sequence[Path]) -> list[tuple[str, Path]]:
    """Name what calcos 3.6 makes of a TIME-TAG association with flashes, as measured."""
    each = [
        (f"{raw.name.split('_')[0]}{ending}", raw)
        for raw in raws
        for ending in ("_flt.fits", "_counts.fits", "_corrtag.fits", "_lampflash.fits", "_x1d.fits", ".tra")
    ]
    # FP-POS of the exposures is 3, 4, ...: a sum has the ROOTNAME of the first exposure that is in it.
    sums = {"jnk": raws[0], "x1dsum": raws[0], "x1dsum3": raws[0], "x1dsum4": raws[1]}
    return [*each, *((f"{dataset}_{suffix}.fits", raw) for suffix, raw in sums.items())]


def _stis_products(dataset: str, raws: Sequence[Path]) -> list[tuple[str, Path]]:
    """Name what calstis 3.4 makes of a CCD spectrum in two readouts, as measured."""
    return [(f"{dataset}_{suffix}.fits", raws[0]) for suffix in ("flt", "crj", "sx1", "sx2")]


def product(name: str, raw: Path, token: bytes = PLACEHOLDER) -> bytes:
    """Make a small product of a raw file, with its header and all its switches completed."""
    import numpy as np
    from astropy.io import fits

    if name.endswith(".tra"):
        return b"CALCOS version 3.6\n" + token + b"\nDone.\n"
    chance = np.random.default_rng(list(name.encode()))
    suffix = name.removesuffix(".fits").split("_")[-1]
    with fits.open(raw) as opened:
        primary = fits.PrimaryHDU(header=opened[0].header)
        imsets = max(1, sum(1 for hdu in opened if hdu.name == "SCI")) if suffix == "flt" else 1
        science = opened[1].header
    for card in primary.header.cards:
        if card.value == "PERFORM":
            primary.header[card.keyword] = _DONE
    root = raw.name.split("_")[0]
    if not name.startswith(root) and not suffix.startswith("x1dsum"):  # sums keep the first member's, as calcos does
        primary.header["ROOTNAME"] = name.split("_", maxsplit=1)[0]
    primary.header["FILENAME"] = name
    primary.header["RUNTOKEN"] = token.decode()
    hdus = [primary, *_extensions(suffix, imsets, chance, _exposure(science))]
    primary.header["NEXTEND"] = len(hdus) - 1
    target = io.BytesIO()
    fits.HDUList(hdus).writeto(target)
    return target.getvalue()


def _exposure(header: Any) -> dict[str, Any]:
    return {key: header[key] for key in ("EXPTIME", "EXPSTART", "EXPEND") if key in header}


def _extensions(suffix: str, imsets: int, chance: Any, keywords: Mapping[str, Any]) -> list[Any]:
    import numpy as np
    from astropy.io import fits

    if suffix == "jnk":
        return [fits.ImageHDU(name="SUPPORT")]
    if suffix in _IMAGES:
        made = []
        for version in range(1, imsets + 1):
            for extension, kind in (("SCI", "f4"), ("ERR", "f4"), ("DQ", "i2")):
                pixels = chance.normal(10.0, 3.0, (_SIDE, _SIDE)).astype(kind)
                made.append(fits.ImageHDU(pixels, name=extension, ver=version))
                made[-1].header.update(keywords)
        return made
    lists = {
        "corrtag": ("EVENTS", ("TIME", "RAWX", "RAWY", "WAVELENGTH", "EPSILON")),
        "lampflash": ("LAMPFLASH", ("TIME", "SHIFT_DISP", "NET")),
    }
    name, columns = lists.get(suffix, ("SCI", ()))
    values = [fits.Column(column, "E", array=chance.normal(50.0, 5.0, _EVENTS).astype("f4")) for column in columns]
    table = fits.BinTableHDU.from_columns(values or _spectrum(suffix, chance), name=name)
    table.header.update(keywords)
    if name != "EVENTS":
        return [table]
    gti = np.array([(0.0, 10.0)], dtype=[("START", "f8"), ("STOP", "f8")])
    timeline = np.array([(float(second), 1.0) for second in range(10)], dtype=[("TIME", "f4"), ("SUN_ALT", "f4")])
    return [table, fits.BinTableHDU(gti, name="GTI"), fits.BinTableHDU(timeline, name="TIMELINE")]


def _spectrum(suffix: str, chance: Any) -> list[Any]:
    """Make those columns of a spectrum that calcos (3.6, ``extract.py``) and calstis (``cs6/output.c``) give it."""
    import numpy as np
    from astropy.io import fits

    segments = ("FUVA", "FUVB") if suffix.startswith("x1d") else ("",)
    number, shape = len(segments), (len(segments), _SAMPLES)
    flags = np.zeros(shape, "i2")
    of_cos = [fits.Column("SEGMENT", "4A", array=segments), fits.Column("DQ_WGT", f"{_SAMPLES}E", array=flags + 1)]
    return [
        *(of_cos if segments[0] else [fits.Column("SPORDER", "I", array=[1])]),
        fits.Column("NELEM", "J", array=[_SAMPLES] * number),
        fits.Column("WAVELENGTH", f"{_SAMPLES}D", array=np.linspace(1300.0, 1700.0, number * _SAMPLES).reshape(shape)),
        *(
            fits.Column(name, f"{_SAMPLES}E", array=chance.normal(50.0, 5.0, shape).astype("f4"))
            for name in ("GROSS", "BACKGROUND", "NET", "FLUX", "ERROR")
        ),
        fits.Column("DQ", f"{_SAMPLES}I", array=flags),
    ]


def install_engine(
    directory: Path,
    subject: Subject,
    *,
    products: Path | None = None,
    pause: float = 0.0,
    children: bool = False,
    status: int = 0,
    tricks: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Install the scripted engine of a subject into a directory of programs."""
    directory.mkdir(parents=True, exist_ok=True)
    script = directory / f"{subject.engine}.py"
    shutil.copy(_ENGINE, script)
    orders = {
        "products": str(products or subject.products), "pause": pause, "children": children, "status": status,
        "tricks": list(tricks),
    }  # fmt: skip
    script.with_suffix(".json").write_text(json.dumps(orders))
    program = directory / subject.engine
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{script}" "$@"\n')
    program.chmod(0o755)
