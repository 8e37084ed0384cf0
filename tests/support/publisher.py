"""A program that publishes one dataset again and again, to be killed in the middle of it.

    python publisher.py OUTPUT LAYOUT SCRATCH FIRST [LAST]

Every generation has other contents than the one before; even and odd ones have a file of their own, and every fifth
fails. Tells on standard output ``ready``, and begins with the next line, or the end, of standard input. Tells the
number of a generation when its publication begins, and ``step`` just before everything that is done to the output: a
request to S3, or an opening, renaming, removing below the directory. Ends after the last generation, or with status 3
when another run is at work.
"""

import itertools
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from caldp.adapters.packing.gzip import GzipPacker
from caldp.adapters.store.directory import make_directory_store
from caldp.adapters.store.s3 import make_s3_store
from caldp.app.layouts import LAYOUTS
from caldp.app.ports.object_store import StoredObject
from caldp.app.process.flow import DeliveredFile, Destination, ProductSet
from caldp.app.process.identity import make_identity
from caldp.app.process.steps.announce import announce
from caldp.app.process.steps.publish import publish
from caldp.domain.errors import DatasetTaken
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import Category, LayoutKind
from caldp.domain.output.location import FileLocation, parse_output
from caldp.domain.output.messages import MessageState
from caldp.domain.run.settings import Settings

SIZE = 3_000_000
TAKEN = 3
READY = b"ready\n"
STEP = b"step\n"
DATASET = DatasetName.parse("lsim01010")


def fails(generation: int) -> bool:
    """Tell whether a generation fails; the first does not."""
    return generation % 5 == 4


def names(generation: int) -> dict[str, Category]:
    """Name what a generation delivers."""
    return {
        "lsim01010_x1dsum.fits": Category.PRODUCT,
        "lsim01aaq_corrtag_a.fits": Category.PRODUCT,
        f"lsim01aaq_{'odd' if generation % 2 else 'even'}.fits": Category.PRODUCT,
        "lsim01010_x1dsum.png": Category.PREVIEW,
    }


def content(generation: int) -> bytes:
    """Return what every file of a generation holds, which does not compress."""
    seed = generation.to_bytes(8, "little")
    return seed + bytes(os.urandom(SIZE)) + seed


def destination_of(output: str, layout: str) -> Destination:
    """Make a destination as the container does."""
    location = parse_output(output)
    if isinstance(location, FileLocation):
        store = make_directory_store(location)
        return Destination(store, LAYOUTS[LayoutKind(layout)], GzipPacker())
    s3 = make_s3_store(location, Settings(profile="test", network_timeout=10.0), os.environ)  # type: ignore[arg-type]
    return Destination(s3, LAYOUTS[LayoutKind(layout)], GzipPacker())


def tell_steps(output: str) -> None:
    """Tell every step from now on, of all threads."""
    location = parse_output(output)
    if isinstance(location, FileLocation):
        root = location.path

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event in ("open", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.utime"):
                path = arguments[0]
                if isinstance(path, str | os.PathLike) and os.fspath(path).startswith(root):
                    os.write(1, STEP)

        sys.addaudithook(hook)
    else:
        from botocore.httpsession import URLLib3Session

        send = URLLib3Session.send

        def tell_and_send(*arguments: Any) -> Any:
            os.write(1, STEP)
            return send(*arguments)

        URLLib3Session.send = tell_and_send  # type: ignore[assignment, method-assign]


def publish_one(destination: Destination, scratch: Path, generation: int) -> None:
    """Publish a generation."""
    files = []
    for name, category in names(generation).items():
        (scratch / name).write_bytes(content(generation))
        files.append(DeliveredFile(scratch / name, category))
    (scratch / "process.txt").write_bytes(content(generation))
    os.write(1, b"%d\n" % generation)
    owner = make_identity({})

    def record(stored: Sequence[StoredObject], _keys: Mapping[str, str]) -> bytes:
        objects = {item.key: item.size for item in stored}
        status = 24 if fails(generation) else 0
        return json.dumps({"run": owner.run, "status": status, "generation": generation, "objects": objects}).encode()

    publish(
        announce(destination, DATASET, owner, 120.0, lambda _: None),
        ProductSet(tuple(files)),
        logs=[scratch / "process.txt"],
        record=record,
        state=MessageState.ERROR if fails(generation) else MessageState.PROCESSED,
        tell=lambda _: None,
        consume=generation % 3 == 0,
    )


def main() -> None:
    output, layout, scratch, first, *last = sys.argv[1:]
    destination = destination_of(output, layout)
    tell_steps(output)
    os.write(1, READY)
    sys.stdin.readline()
    for generation in range(int(first), int(last[0]) + 1) if last else itertools.count(int(first)):
        try:
            publish_one(destination, Path(scratch), generation)
        except DatasetTaken as error:
            sys.stderr.write(str(error))
            sys.exit(TAKEN)


if __name__ == "__main__":
    main()
