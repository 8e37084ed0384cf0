"""Time and memory that ``caldp stale`` takes for many exposures.

    python -m benchmarks.stale [--records N] [--files N] [--bucket] [--context hst_9729.pmap]

*Files* are raw exposures, copies of those of ``../shared/hst`` under other names, as somebody has them in a directory.
*Records* are an output of so many datasets, each with a record as a run writes it and the message *processed*; with
``--bucket`` in a server of S3 on this machine. Half of the exposures have dates of their own, so that assignments are
not remembered. Nothing needs the network.

Printed are wall and CPU seconds of the command, its children included, its peak of memory, and the verdicts; and the
CPU seconds of the server, which a server elsewhere would not take from it.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from benchmarks.loopback_s3 import BUCKET, Objects, loopback_s3

ROOT: Final = Path(__file__).resolve().parent.parent
SHARED: Final = ROOT.parent / "shared" / "hst"
BIN: Final = Path(sys.executable).parent
_PIECE: Final = 1 << 16
_TIME: Final = re.compile(r"""(TIME-OBS["']?\s*[=:]\s*["'])\d\d:\d\d:\d\d""")
_LETTERS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


def name_of(number: int, letter: str = "j") -> str:
    """Return the name of a made-up dataset."""
    digits = ""
    for _ in range(5):
        number, digit = divmod(number, len(_LETTERS))
        digits = _LETTERS[digit] + digits
    return f"{letter}zz{digits}q"


def member(dataset: str, ending: str) -> bytes:
    """Return a file of a shared tarball."""
    with tarfile.open(SHARED / "inputs" / f"{dataset}.tar.gz") as tar:
        found = next(one for one in tar if one.name.endswith(ending))
        return (tar.extractfile(found) or io.BytesIO()).read()


def write_files(directory: Path, count: int) -> None:
    """Write raw exposures: HRC images, all zero, with a rootname and, every other one, a date of their own."""
    data = blank(member("j6gp01mkq", "_raw.fits"))
    for number in range(count):
        name = name_of(number)
        own = data.replace(b"'j6gp01mkq", f"'{name}".encode())
        if number % 2:
            own = at_another_time(own.decode("latin-1"), number).encode("latin-1")
        write_sparsely(directory / f"{name}_raw.fits", own)


def at_another_time(text: str, number: int) -> str:
    """Change date and time in the text of a header or a record, to some that no other number has."""
    minute, second = divmod(number, 60)
    hour, minute = divmod(minute, 60)
    text = text.replace("2005-01-19", f"2005-01-{hour // 24 + 1:02}")
    return _TIME.sub(rf"\g<1>{hour % 24:02}:{minute:02}:{second:02}", text)


def blank(data: bytes) -> bytes:
    """Return a FITS file with zeros in the place of its pixels."""
    from astropy.io import fits

    written = io.BytesIO()
    with fits.open(io.BytesIO(data)) as hdus:
        for hdu in hdus[1:]:
            if hdu.data is not None:
                hdu.data[:] = 0
        hdus.writeto(written)
    return written.getvalue()


def write_sparsely(path: Path, data: bytes) -> None:
    """Write a file without its blocks of zeros: a thousand images would fill the disk."""
    with path.open("wb") as file:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            file.write(piece) if piece.strip(b"\0") else file.seek(len(piece), 1)
        file.truncate(len(data))


@frozen
class Records:
    """Records of datasets and their messages, made from one record that a run of caldp wrote.

    Attributes
    ----------
    template
        The record; of the dataset j6gp01mkq.
    count
        Number of datasets.
    """

    template: str
    count: int

    @property
    def keys(self) -> list[str]:
        """Keys of the objects, sorted."""
        names = [name_of(number) for number in range(self.count)]
        return [f"data/acs/{name}/logs/record.json" for name in names] + [
            f"messages/datasets-processed/{name}" for name in names
        ]

    def make(self, key: str) -> bytes:
        """Make an object: every other record has a date of its own."""
        if key.startswith("messages"):
            return b""
        name = key.split("/")[2]
        number = int(name[3:8], len(_LETTERS))
        own = self.template.replace("j6gp01mkq", name)
        return (at_another_time(own, number) if number % 2 else own).encode()

    def write(self, directory: Path) -> None:
        """Write them below a directory."""
        for key in self.keys:
            path = directory / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self.make(key))


def real_record() -> str:
    """Process j6gp01mkq, and return its record."""
    with tempfile.TemporaryDirectory() as place:
        words = ("process", "-q", "j6gp01mkq", f"file:{SHARED / 'inputs'}", f"file:{place}")
        program = [BIN / "caldp", *words, "--context", "hst_9729.pmap"]
        subprocess.run(program, env=exported(), check=True, capture_output=True)
        (path,) = Path(place).rglob("record.json")
        return path.read_text()


def exported(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of the commands: the shared cache, and no network."""
    exports = {
        "CRDS_PATH": str(SHARED / "crds_cache"), "CRDS_READONLY_CACHE": "1",
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "ASTROMETRY_COMPUTE_APOSTERIORI": "off", "ASTROMETRY_APPLY_APRIORI": "off", "CALDP_ASTROMETRY": "off",
    }  # fmt: skip
    return {**os.environ, **exports, **(more or {})}


def measure(label: str, count: int, *words: str, environment: Mapping[str, str] | None = None) -> None:
    """Run ``caldp stale`` and print what it took."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        program = subprocess.Popen([BIN / "caldp", "stale", *words], env=exported(environment), stdout=said)
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - began
        said.seek(0)
        last = said.read().decode().strip().splitlines()[-1]
    cpu, peak = usage.ru_utime + usage.ru_stime, usage.ru_maxrss >> 10
    print(f"{label}: {count} datasets, {wall:.1f} s wall, {cpu:.1f} s CPU, {peak} MiB; {last}")


def main() -> None:
    """Measure what the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="number of raw files; 0 for none")
    parser.add_argument("--records", type=int, default=1000, help="number of records; 0 for none")
    parser.add_argument("--bucket", action="store_true", help="put records into S3")
    parser.add_argument("--record", type=Path, help="a record of j6gp01mkq to start from, instead of a run")
    parser.add_argument("--context", default="hst_9729.pmap", help="context to compare with")
    options = parser.parse_args()
    context = ("--context", options.context)
    if options.files:
        with tempfile.TemporaryDirectory() as files:
            write_files(Path(files), options.files)
            measure("files", options.files, files, *context)
    if options.records:
        made = Records(options.record.read_text() if options.record else real_record(), options.records)
        if options.bucket:
            with loopback_s3(Objects(made.keys, made.make)) as server:
                measure("records", made.count, f"s3://{BUCKET}", *context, environment=server.environment)
                print(f"the server: {server.cpu():.1f} s CPU")
        else:
            with tempfile.TemporaryDirectory() as output:
                made.write(Path(output))
                measure("records", made.count, output, *context)
    print(json.dumps({"python": sys.version.split()[0], "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
