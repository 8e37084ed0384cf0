"""The oracle: whether what is called processed is so. It shares no code with the program's own judgement."""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from benchmarks.campaign.engine import PLACEHOLDER
from benchmarks.campaign.outputs import Published
from benchmarks.campaign.subject import Subject

_TOKEN: Final = re.compile(rb"TOKEN-[0-9a-f]{10}")


def faults_of(subject: Subject, found: Published, inputs: Path | None = None, *, previews: bool = False) -> list[str]:
    """Say in which ways what is published is not what a good run publishes; nothing if it is.

    Parameters
    ----------
    subject
        The dataset.
    found
        Objects in the output.
    inputs
        Directory of the inputs that the run was given; by default the subject's own.
    previews
        True if previews were to be drawn.
    """
    return list(_faults(subject, found, inputs or subject.inputs, previews=previews))


def _faults(subject: Subject, found: Published, inputs: Path, *, previews: bool) -> Iterator[str]:
    given = {path.name: path for path in inputs.iterdir() if path.is_file()}
    expected = {*subject.product_names, *(name for name in given if name in subject.input_names)}
    yield from (f"{name} is missing" for name in sorted(expected - found.files.keys()))
    yield from (f"{name} does not belong there" for name in sorted(found.files.keys() - expected))
    tokens: dict[bytes, str] = {}
    for name in subject.product_names:
        body = found.files.get(name)
        if body is None:
            continue
        tokens |= dict.fromkeys(_TOKEN.findall(body), name)
        if _TOKEN.sub(PLACEHOLDER, body) != (subject.products / name).read_bytes():
            yield f"{name} is not what the engine makes"
    if len(tokens) > 1:
        yield f"files of {len(tokens)} runs lie together: {', '.join(sorted(tokens.values()))}"
    log = found.logs.get("process.txt")
    if log is None:
        yield "there is no process.txt"
    elif tokens and next(iter(tokens)) not in log:
        yield "process.txt is of another run than the products"
    yield from _record_faults(found)
    for name in sorted(given.keys() & found.files.keys() & set(subject.input_names)):
        if not same_data(given[name].read_bytes(), found.files[name]):
            yield f"the data of input {name} are not those that were given"
    if previews and not any(name.endswith(".png") for name in found.previews):
        yield "there is no preview"
    yield from (f"preview {name} is empty" for name, body in found.previews.items() if not body)


def _record_faults(found: Published) -> Iterator[str]:
    text = found.logs.get("record.json")
    if text is None:
        return  # CALCLOUD's layout of old has none
    try:
        record = json.loads(text)
    except ValueError:
        yield "record.json is no JSON"
        return
    if record["status"] != 0:
        yield f"record.json says status {record['status']}"
    for product in record["products"]:
        name = product["name"]
        body = found.files.get(name, found.previews.get(name))
        if body is None:
            yield f"record.json names {name}, which is not there"
        elif len(body) != product["size"]:
            yield f"record.json has another size for {name}"
        elif "sha256" in product and product["sha256"] and sha256(body).hexdigest() != product["sha256"]:
            yield f"record.json has another sha256 for {name}"


def same_data(one: bytes, other: bytes) -> bool:
    """Tell whether two FITS files hold the same data, whatever their headers say.

    A file that astropy cannot read has no data to be compared, and is the same as any other such.
    """
    return _data(one) == _data(other)


def _data(content: bytes) -> list[tuple[str, str]]:
    from astropy.io import fits

    digests = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with fits.open(io.BytesIO(content), memmap=False, do_not_scale_image_data=True) as hdus:
                for hdu in hdus:
                    data = b"" if hdu.data is None else hdu.data.tobytes()
                    digests.append((str(hdu.name), sha256(data).hexdigest()))
        except Exception:
            digests.append(("unreadable", ""))
    return digests


def references_changed(cache: Path, truth: Mapping[str, str]) -> list[str]:
    """Name the reference files of a cache that are not what the server has, by sha1."""
    import hashlib

    found = {path.name: path for path in cache.rglob("*") if path.is_file() and path.name in truth}
    return [
        name for name, path in sorted(found.items())
        if hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest() != truth[name]
    ]  # fmt: skip
