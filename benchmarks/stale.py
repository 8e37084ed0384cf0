"""Time and memory that ``caldp stale`` takes for many exposures.

    python benchmarks/stale.py [--records N] [--files N] [--bucket] [--context hst_9729.pmap]

*Files* are raw exposures, copies of those of ``../shared/hst`` under other names, as somebody has them in a directory.
*Records* are an output of so many datasets, each with a record as a run writes it and the message *processed*; with
``--bucket`` in a server of S3 on this machine, which takes part of its time. Half of the exposures have dates of
their own, so that assignments are not remembered. Nothing needs the network.

Printed are wall and CPU seconds of the command, its children included, its peak of memory, and the verdicts.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
SHARED: Final = ROOT.parent / "shared" / "hst"
BIN: Final = Path(sys.executable).parent
_PIECE: Final = 1 << 16
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
            own = own.replace(b"'2005-01-19'", f"'2005-01-{number // 2 % 28 + 1:02}'".encode())
        write_sparsely(directory / f"{name}_raw.fits", own)


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


def records(count: int) -> Iterator[tuple[str, bytes]]:
    """Make records of datasets, from one that a run of caldp wrote."""
    with tempfile.TemporaryDirectory() as place:
        words = [
            "process",
            "-q",
            "j6gp01mkq",
            f"file:{SHARED / 'inputs'}",
            f"file:{place}",
            "--context",
            "hst_9729.pmap",
        ]
        subprocess.run([BIN / "caldp", *words], env=exported(), check=True, capture_output=True)
        (path,) = Path(place).rglob("record.json")
        text = path.read_text()
    for number in range(count):
        name = name_of(number)
        own = text.replace("j6gp01mkq", name)
        if number % 2:
            own = own.replace("2005-01-19", f"2005-01-{number // 2 % 28 + 1:02}")
        yield name, own.encode()


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


@contextmanager
def s3_server() -> Iterator[tuple[Any, dict[str, str]]]:
    """Start a server of S3 in a process of its own; yield a client of it and the environment that leads there."""
    import boto3

    environment = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_DEFAULT_REGION": "us-east-1"}
    program = (
        "from moto.server import ThreadedMotoServer as S; import logging, time\n"
        "logging.getLogger('werkzeug').setLevel(logging.ERROR)\n"
        "s = S(ip_address='127.0.0.1', port=0, verbose=False); s.start(); print(s.get_host_and_port()[1], flush=True)\n"
        "time.sleep(86400)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": "us-east-1"}
        yield boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"], **keys), environment
    finally:
        server.kill()
        server.wait()


def write_records(count: int, directory: Path | None, client: Any) -> None:
    """Write records and messages into a directory, or into the bucket ``stale``."""
    for name, body in records(count):
        for key, data in ((f"data/acs/{name}/logs/record.json", body), (f"messages/datasets-processed/{name}", b"")):
            if directory is None:
                client.put_object(Bucket="stale", Key=key, Body=data)
            else:
                path = directory / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)


def main() -> None:
    """Measure what the options name."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=1000, help="number of raw files; 0 for none")
    parser.add_argument("--records", type=int, default=1000, help="number of records; 0 for none")
    parser.add_argument("--bucket", action="store_true", help="put records into S3")
    parser.add_argument("--context", default="hst_9729.pmap", help="context to compare with")
    options = parser.parse_args()
    context = ("--context", options.context)
    with tempfile.TemporaryDirectory() as place:
        if options.files:
            files = Path(place, "files")
            files.mkdir()
            write_files(files, options.files)
            measure("files", options.files, str(files), *context)
        if options.records:
            output = Path(place, "output")
            with s3_server() if options.bucket else nullcontext((None, {})) as (client, environment):
                if client is not None:
                    client.create_bucket(Bucket="stale")
                write_records(options.records, None if options.bucket else output, client)
                where = "s3://stale" if options.bucket else str(output)
                measure("records", options.records, where, *context, environment=environment)
    print(json.dumps({"python": sys.version.split()[0], "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
