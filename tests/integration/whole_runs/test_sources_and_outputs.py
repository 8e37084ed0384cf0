"""The same dataset from every kind of source to every kind of output: the products are always the same."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.mast_server import Observation, mast_server
from tests.support.s3_server import S3Server
from tests.support.site import Site
from tests.support.tarballs import tarball

pytestmark = pytest.mark.engines

WAYS = [
    ("file:in", "file:out", "tree"),
    ("file:lsim01010.tar.gz", "file:out", "calcloud"),
    ("s3://inputs/packed", "s3://outputs/pre/fix", "tree"),
    ("s3://inputs/loose", "s3://outputs", "calcloud"),
    ("astroquery:", "s3://outputs/outputs/lsim01010", "calcloud"),
]


@pytest.fixture
def everywhere(simulated: SimulatedObservation, site: Site, s3: S3Server) -> Iterator[Site]:
    """A user whose inputs are everywhere."""
    assert simulated.dataset == "lsim01010"
    files = {path.name: path.read_bytes() for path in simulated.inputs.iterdir()}
    inputs = site.directory / "in"
    inputs.mkdir()
    for name, data in files.items():
        (inputs / name).write_bytes(data)
    (site.directory / "lsim01010.tar.gz").write_bytes(tarball(files))
    loose = {f"loose/lsim01010/{name}": data for name, data in files.items()}
    s3.bucket("inputs", **{"packed/lsim01010.tar.gz": tarball(files)}, **loose)
    s3.bucket("outputs")
    aws = {name: value for name, value in s3.environment.items() if name.startswith("AWS_")}
    with mast_server([Observation("lsim01010", files)]) as mast:
        yield Site(site.directory, site.environment | aws | {"CALDP_MAST_SERVER": mast.url})


def published(output: str, site: Site, s3: S3Server) -> dict[str, bytes]:
    """Read an output: what lies there by its key."""
    if output == "file:out":
        root = site.directory / "out"
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    found = s3.client.list_objects_v2(Bucket="outputs")["Contents"]
    return {
        item["Key"].removeprefix("pre/fix/"): s3.client.get_object(Bucket="outputs", Key=item["Key"])["Body"].read()
        for item in found
    }


def products(objects: Mapping[str, bytes]) -> set[str]:
    """Name the products and previews of an output of any layout."""
    packed = objects.get("outputs/lsim01010/lsim01010.tar.gz")
    if packed is not None:
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            return {name.removeprefix("lsim01010/") for name in tar.getnames()}
    places = (Path(key).relative_to("data/cos/lsim01010").as_posix() for key in objects if key.startswith("data/"))
    return {place for place in places if not place.startswith("logs/")}


@pytest.mark.parametrize(("source", "output", "layout"), WAYS)
def test_the_products_are_the_same(
    source: str, output: str, layout: str, simulated: SimulatedObservation, everywhere: Site, s3: S3Server
) -> None:
    done = everywhere.run("process", "-q", "lsim01010", source, output, "--layout", layout)
    assert (done.returncode, done.stderr) == (0, "")
    objects = published(output, everywhere, s3)
    messages = {key: body for key, body in objects.items() if key.startswith("messages/")}
    if layout == "tree":
        assert messages == {"messages/datasets-processed/lsim01010": b""}
    else:
        root = "s3://outputs" if output.startswith("s3:") else str(everywhere.directory / "out")
        address = f"{root}/outputs/lsim01010/lsim01010.tar.gz"
        assert messages == {"messages/processed-lsim01010.trigger": address.encode()}
    inputs = {path.name for path in simulated.inputs.iterdir()}
    made = products(objects) - inputs
    assert simulated.product in made
    assert inputs <= products(objects)
    assert {"lsim01010_jnk.fits", "lsim01a1q_x1d.fits", "lsim01a1q_corrtag.fits"} <= made
    assert not list(everywhere.directory.glob("caldp-work-*"))
