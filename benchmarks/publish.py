"""Time of publishing half a gigabyte of FITS products as a tarball in S3, ours against the usual way.

    python benchmarks/publish.py [--megabytes 500] [--rounds 3] [--keep DIRECTORY]

The usual way is Python's ``tarfile`` in mode ``x:gz`` onto the disk, and then ``upload_fileobj``. Both run as processes
of their own, one after the other, against one S3 server on the loopback interface (moto, another process on the same
cores). The products are made up, with the noise that decides how well they compress: drizzled-size exposures of an
imager with error and data-quality planes, raw frames of 16-bit integers, and event tables of a photon counter.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

BUCKET = "caldp-benchmark"
LIMIT_MB = 150
CHILD = """
import json, time
from pathlib import Path
{prepare}
members = [(f"x/{{path.name}}", path) for path in sorted(Path({products!r}).iterdir())]
start = time.perf_counter()
{publish}
seconds = time.perf_counter() - start
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print(json.dumps([seconds, peak / 1024, time.process_time()]))
"""
USUAL = (
    """
import boto3, os, tarfile
client = boto3.client("s3")
""",
    """
with tarfile.open({tarball!r}, "x:gz") as tar:
    for name, path in members:
        tar.add(path, arcname=name)
with open({tarball!r}, "rb") as file:
    client.upload_fileobj(file, {bucket!r}, "usual.tar.gz")
os.remove({tarball!r})
""",
)
OURS = (
    """
import os
from caldp.adapters.packing.gzip import GzipPacker
from caldp.adapters.store.s3 import make_s3_store
from caldp.domain.output.location import S3Location
from caldp.domain.run.settings import Settings
store = make_s3_store(S3Location({bucket!r}), Settings(profile="benchmark"), os.environ)
""",
    """
store.put_stream("ours.tar.gz", GzipPacker().pack(members))
""",
)
PACKING = (
    """
from caldp.adapters.packing.gzip import GzipPacker
""",
    """
sum(map(len, GzipPacker().pack(members)))
""",
)


def make_products(directory: Path, megabytes: int) -> None:
    """Write products until they are as large as wanted."""
    import numpy as np
    from astropy.io import fits

    random = np.random.default_rng(1990)

    def exposure() -> fits.HDUList:
        hdus = [fits.PrimaryHDU()]
        for _ in range(2):
            sky = random.poisson(40.0, (2048, 4096)).astype("float32")
            science = sky * random.normal(1.0, 0.01, sky.shape).astype("float32") + random.normal(0, 4, sky.shape)
            quality = np.where(random.random(sky.shape) < 0.02, 4096, 0).astype("int16")
            error = np.sqrt(np.maximum(science, 0) + 16).astype("float32")
            hdus += [fits.ImageHDU(science.astype("float32")), fits.ImageHDU(error), fits.ImageHDU(quality)]
        return fits.HDUList(hdus)

    def raw() -> fits.HDUList:
        frames = [fits.ImageHDU(random.poisson(2200, (2068, 4144)).astype("int16")) for _ in range(2)]
        return fits.HDUList([fits.PrimaryHDU(), *frames])

    def events() -> fits.HDUList:
        rows = 1_000_000
        columns = [
            fits.Column("TIME", "E", array=np.sort(random.uniform(0, 1200, rows)).astype("float32")),
            *(fits.Column(name, "I", array=random.integers(0, 16384, rows)) for name in ("RAWX", "RAWY")),
            *(fits.Column(name, "E", array=random.uniform(0, 16384, rows)) for name in ("XCORR", "XDOPP", "YCORR")),
            *(fits.Column(name, "E", array=random.normal(1300, 90, rows)) for name in ("WAVELENGTH", "XFULL", "YFULL")),
            fits.Column("EPSILON", "E", array=np.ones(rows)),
            fits.Column("DQ", "I", array=np.zeros(rows)),
            fits.Column("PHA", "B", array=random.integers(2, 23, rows)),
        ]
        return fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns)])

    number = 0
    while sum(path.stat().st_size for path in directory.iterdir()) < megabytes * 1e6:
        make = (exposure, raw, events)[number % 3]
        make().writeto(directory / f"x{number:02}_{make.__name__}.fits")
        number += 1


@contextmanager
def s3_server() -> Iterator[None]:
    """Run a server as a process of its own, and point boto3 at it."""
    port = 20_000 + os.getpid() % 20_000
    url = f"http://127.0.0.1:{port}"
    program = "import sys; from moto.server import main; main(sys.argv[1:])"
    command = [sys.executable, "-W", "ignore", "-c", program, "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            os.environ |= {
                "AWS_ENDPOINT_URL": url,
                "AWS_ACCESS_KEY_ID": "benchmark",
                "AWS_SECRET_ACCESS_KEY": "benchmark",
                "AWS_DEFAULT_REGION": "us-east-1",
            }
            for _ in range(100):
                try:
                    urlopen(f"{url}/moto-api/").close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            server.terminate()


def measure(way: tuple[str, str], products: Path, tarball: Path) -> tuple[float, float, float]:
    """Publish once in a process of its own: seconds, MiB at its peak, CPU seconds."""
    places = {"bucket": BUCKET, "tarball": str(tarball)}
    prepare, publish = (part.format(**places) for part in way)
    child = CHILD.format(prepare=prepare, publish=publish, products=str(products))
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    seconds, mebibytes, cpu = json.loads(done.stdout)
    return seconds, mebibytes, cpu


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="directory that keeps the products for another time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, s3_server():
        import boto3

        products = options.keep or Path(scratch, "products")
        products.mkdir(parents=True, exist_ok=True)
        make_products(products, options.megabytes)
        size = sum(path.stat().st_size for path in products.iterdir())
        print(f"{len(list(products.iterdir()))} products, {size / 1e6:.0f} MB")
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET)
        ways = {"tarfile + upload_fileobj": USUAL, "caldp": OURS, "caldp, packing alone": PACKING}
        medians = {}
        for name, way in ways.items():
            rounds = 1 if way is USUAL else options.rounds
            runs = [measure(way, products, Path(scratch, "usual.tar.gz")) for _ in range(rounds)]
            medians[name], peak, cpu = (statistics.median(run[index] for run in runs) for index in range(3))
            print(f"{name:26} {medians[name]:7.2f} s  peak {peak:6.1f} MiB  CPU {cpu:6.2f} s")
        for key in ("usual.tar.gz", "ours.tar.gz"):
            stored = client.head_object(Bucket=BUCKET, Key=key)["ContentLength"]
            print(f"{key:26} {stored / 1e6:7.1f} MB, {100 * stored / size:.1f} % of the products")
        ratio = medians["tarfile + upload_fileobj"] / medians["caldp"]
        print(f"{ratio:.1f} times as fast (goal: 8; memory below {LIMIT_MB} MB)")
        body = client.get_object(Bucket=BUCKET, Key="ours.tar.gz")["Body"]
        with tarfile.open(fileobj=body, mode="r|gz") as tar:  # the standard library reads it to its end
            assert sum(member.size for member in tar) == size


if __name__ == "__main__":
    main()
