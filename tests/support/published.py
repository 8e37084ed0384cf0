"""Published datasets, as a run leaves them: files, record and message."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import UTC, datetime

from caldp.app.layouts import LAYOUTS
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import RECORD, Category, LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import PublishedRecord, RunRecord

FILES: Mapping[str, bytes] = {
    "x_flt.fits": b"0123456789abcdef" * 100,
    "x_x1d.fits": b"spectrum" * 100,
    "x_empty.tra": b"",
}


def publish_dataset(
    store: ObjectStore,
    name: str,
    files: Mapping[str, bytes] = FILES,
    *,
    kind: LayoutKind = LayoutKind.TREE,
    run: str = "20261126T050000Z-00000001",
    state: MessageState = MessageState.PROCESSED,
    with_record: bool = True,
) -> dict[str, bytes]:
    """Put a dataset into a store, and return its objects by key, the message left out.

    Parameters
    ----------
    store
        The output.
    name
        The dataset's name; ``x`` in names of files stands for it.
    files
        Contents of the products by name. In CALCLOUD's layout they are stored as one object.
    kind
        Arrangement of the output.
    run
        The run's id.
    state
        State that the message tells; other messages of the dataset are removed.
    with_record
        False for an output of a program that writes no record.
    """
    layout, dataset = LAYOUTS[kind], DatasetName.parse(name)
    for item in tuple(store.list(layout.prefix(dataset))):
        store.delete(item.key)
    if layout.archive_key(dataset):
        objects = {layout.archive_key(dataset): b"".join(files.values())}
    else:
        objects = {
            layout.file_key(dataset, Category.PRODUCT, f"{name}{file[1:]}"): data for file, data in files.items()
        }
        objects[layout.file_key(dataset, Category.PREVIEW, f"{name}_x1d.png")] = b"picture"
    objects[layout.log_key(dataset, "process.txt")] = run.encode()
    record = RunRecord(
        run, dataset, ExitCode.SUCCESS, datetime(2026, 11, 26, 5, tzinfo=UTC), "file:in", "file:out", "onsite",
        kind.value,
        objects=tuple(PublishedRecord(key, len(data), f"{zlib.crc32(data):08x}") for key, data in objects.items()),
    )  # fmt: skip
    if with_record:
        objects[layout.log_key(dataset, RECORD)] = record.to_json().encode()
    for key, data in objects.items():
        store.put_bytes(key, data)
    for key in layout.message_keys(dataset):
        store.delete(key)
    store.put_bytes(layout.message_key(dataset, state), layout.message_body(store.locate(layout.address_key(dataset))))
    return objects
