"""Comparison of two sides: pairs, digests before files, causes, and what cannot be compared."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.store.directory import DirectoryStore
from caldp.app.compare.compare_sides import CompareSides, files_in
from caldp.app.compare.output_side import OutputSide
from caldp.app.compare.side import LooseSide, Side
from caldp.app.layouts import LAYOUTS
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.comparison.agreement import Agreement, Tolerance
from caldp.domain.comparison.causes import CauseKind
from caldp.domain.comparison.difference import Comparison, ProductDifference
from caldp.domain.errors import UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.digests import HduDigest
from caldp.domain.output.layout import RECORD, Category, LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import FileRecord, RunRecord
from caldp.domain.run.recorded import RecordedRun
from tests.fakes.fits_comparer import FakeComparer
from tests.fakes.fits_files import FakeFits
from tests.fakes.object_store import MemoryStore

ONE, TWO = "lsim01010", "ldfd01010"
FILES: Mapping[str, bytes] = {
    "lsim01010_x1dsum.fits": b"SIMPLE1",
    "lsim01a1q_flt.fits": b"SIMPLE2",
    "lsim01010.tra": b"log",
}
TREE = LAYOUTS[LayoutKind.TREE]


def record_of(dataset: str, files: Mapping[str, bytes], context: str = "hst_0001.pmap") -> RunRecord:
    products = tuple(
        FileRecord(name, len(data), Category.PRODUCT, hdus=(HduDigest("", 1, "h", data.hex()),), sha256=data.hex())
        if name.endswith(".fits")
        else FileRecord(name, len(data), Category.PRODUCT, sha256=data.hex())
        for name, data in files.items()
    )
    return RunRecord(
        "20261126T050000Z-00000001", DatasetName.parse(dataset), ExitCode.SUCCESS, datetime(2026, 11, 26, tzinfo=UTC),
        "file:in", "file:out", "onsite", "tree", context=context, products=products,
    )  # fmt: skip


def publish(
    store: ObjectStore, dataset: str = ONE, files: Mapping[str, bytes] = FILES, context: str = "hst_0001.pmap"
) -> None:
    name = DatasetName.parse(dataset)
    for file, data in files.items():
        store.put_bytes(TREE.file_key(name, Category.PRODUCT, file), data)
    store.put_bytes(TREE.log_key(name, RECORD), record_of(dataset, files, context).to_json().encode())
    store.put_bytes(TREE.message_key(name, MessageState.PROCESSED), b"")


def unpack(tarball: Path, directory: Path) -> Mapping[str, Path]:
    directory.mkdir(parents=True)
    with tarfile.open(tarball) as tar:
        for member in tar:
            (directory / Path(member.name).name).write_bytes(tar.extractfile(member).read())  # type: ignore[union-attr]
    return files_in(directory)


@pytest.fixture
def comparer() -> FakeComparer:
    return FakeComparer()


def output(store: ObjectStore, name: str, tmp_path: Path, dataset: str = "") -> OutputSide:
    root = store.root if isinstance(store, DirectoryStore) else None
    return OutputSide(name, store, tmp_path / f"scratch-{name}", unpack, root, dataset)


def compare(a: Side, b: Side, comparer: FakeComparer, dataset: str = "", *, reads_all: bool = False) -> Comparison:
    return CompareSides(comparer, FakeFits(), Tolerance(), reads_all)(a, b, dataset, tell=lambda _event: None)


def by_name(found: Comparison) -> dict[str, ProductDifference]:
    return {product.name: product for one in found.datasets for product in one.products}


def test_equal_digests_open_no_file(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), MemoryStore()
    for store in stores:
        publish(store)
        publish(store, TWO)
    found = compare(output(stores[0], "a", tmp_path), output(stores[1], "b", tmp_path), comparer)
    assert found.agreement is Agreement.EXACT
    assert [one.dataset for one in found.datasets] == [TWO, ONE]
    assert comparer.compared == []
    assert not any(product.is_read for product in by_name(found).values())


def test_other_digests_are_read_and_causes_come_from_the_records(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), MemoryStore()
    publish(stores[0])
    publish(
        stores[1], files={**FILES, "lsim01a1q_flt.fits": b"SIMPLE3", "lsim01010.tra": b"lag"}, context="hst_0002.pmap"
    )
    found = compare(output(stores[0], "a", tmp_path), output(stores[1], "b", tmp_path), comparer)
    assert comparer.compared == ["lsim01a1q_flt.fits"]
    assert not list(tmp_path.rglob("*.fits"))  # what was fetched is gone
    (one,) = found.datasets
    assert [cause.kind for cause in one.causes] == [CauseKind.CONTEXT]
    assert one.others == ("lsim01010.tra",)
    assert {name: product.agreement for name, product in by_name(found).items()} == {
        "lsim01010_x1dsum.fits": Agreement.EXACT, "lsim01a1q_flt.fits": Agreement.DIFFERENT,
    }  # fmt: skip


def test_on_request_every_file_is_read(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), MemoryStore()
    for store in stores:
        publish(store)
    compare(output(stores[0], "a", tmp_path), output(stores[1], "b", tmp_path), comparer, reads_all=True)
    assert comparer.compared == ["lsim01010_x1dsum.fits", "lsim01a1q_flt.fits"]


def test_a_file_of_another_size_than_recorded_is_read(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), DirectoryStore(tmp_path / "b")
    for store in stores:
        publish(store)
    stores[1].put_bytes(f"data/cos/{ONE}/lsim01a1q_flt.fits", b"damaged, and longer")
    found = compare(output(stores[0], "a", tmp_path), output(stores[1], "b", tmp_path), comparer)
    assert comparer.compared == ["lsim01a1q_flt.fits"]
    assert by_name(found)["lsim01a1q_flt.fits"].agreement is Agreement.NOT_COMPARABLE


def test_files_and_datasets_of_one_side_only_are_named(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), MemoryStore()
    publish(stores[0])
    publish(stores[0], TWO)
    publish(stores[1], files={"lsim01010_x1dsum.fits": b"SIMPLE1", "lsim01b1q_flt.fits": b"SIMPLE2"})
    found = compare(output(stores[0], "a", tmp_path), output(stores[1], "b", tmp_path), comparer)
    assert (found.only_a, found.only_b) == ((TWO,), ())
    reasons = {name: product.reason for name, product in by_name(found).items()}
    assert reasons["lsim01a1q_flt.fits"] == "in A only"
    assert reasons["lsim01b1q_flt.fits"] == "in B only"
    assert found.datasets[0].others == ("lsim01010.tra",)
    assert found.agreement is Agreement.DIFFERENT


def test_an_output_is_compared_with_loose_files_of_one_dataset(comparer: FakeComparer, tmp_path: Path) -> None:
    store, place = MemoryStore(), tmp_path / "loose"
    publish(store)
    place.mkdir()
    for name, data in FILES.items():
        (place / name).write_bytes(data)
    loose = LooseSide("loose", files_in(place))
    found = compare(output(store, "a", tmp_path), loose, comparer)
    assert (found.datasets[0].dataset, found.agreement) == (ONE, Agreement.EXACT)
    assert comparer.compared == ["lsim01010_x1dsum.fits", "lsim01a1q_flt.fits"]
    publish(store, TWO)
    with pytest.raises(UsageError, match="a holds 2 datasets"):
        compare(output(store, "a", tmp_path), loose, comparer)
    assert compare(output(store, "a", tmp_path, ONE), loose, comparer, ONE).agreement is Agreement.EXACT


def test_a_record_alone_tells_which_data_differ(comparer: FakeComparer, tmp_path: Path) -> None:
    store = MemoryStore()
    publish(store)
    publish(store, TWO)
    other = record_of(ONE, {**FILES, "lsim01a1q_flt.fits": b"SIMPLE3"})
    side = LooseSide("record", {}, RecordedRun.from_json(other.to_json()))
    found = compare(output(store, "a", tmp_path), side, comparer)
    (flt,) = (product for product in found.datasets[0].products if product.agreement is not Agreement.EXACT)
    assert (flt.name, flt.agreement) == ("lsim01a1q_flt.fits", Agreement.NOT_COMPARABLE)
    assert flt.hdus[0].reason == "its data differ, and there is no file to measure by how much"
    assert (found.only_a, found.only_b, comparer.compared) == ((), (), [])


def test_a_tarball_of_an_output_is_opened_only_if_digests_differ(comparer: FakeComparer, tmp_path: Path) -> None:
    layout, name, stores = LAYOUTS[LayoutKind.CALCLOUD], DatasetName.parse(ONE), (MemoryStore(), MemoryStore())
    changed = {**FILES, "lsim01a1q_flt.fits": b"SIMPLE3"}
    for store, files in zip(stores, (FILES, changed), strict=True):
        tarball = tmp_path / "made.tar.gz"
        with tarfile.open(tarball, "w:gz") as tar:
            for file, data in files.items():
                (tmp_path / file).write_bytes(data)
                tar.add(tmp_path / file, f"{ONE}/{file}")
        store.put_bytes(layout.archive_key(name), tarball.read_bytes())
        store.put_bytes(layout.log_key(name, RECORD), record_of(ONE, files).to_json().encode())
    same = compare(output(stores[0], "a", tmp_path), output(stores[0], "b", tmp_path), comparer)
    assert same.agreement is Agreement.EXACT
    assert not any((tmp_path / f"scratch-{side}").exists() for side in ("a", "b"))
    found = compare(output(stores[0], "c", tmp_path), output(stores[1], "d", tmp_path), comparer)
    assert comparer.compared == ["lsim01a1q_flt.fits"]
    assert found.agreement is Agreement.DIFFERENT


def test_a_dataset_that_a_run_is_at_work_on_is_remarked(comparer: FakeComparer, tmp_path: Path) -> None:
    stores = MemoryStore(), MemoryStore()
    publish(stores[0])
    key = TREE.file_key(DatasetName.parse(ONE), Category.PRODUCT, "lsim01010_x1dsum.fits")
    stores[1].put_bytes(key, b"SIMPLE1")
    stores[1].put_bytes(TREE.message_key(DatasetName.parse(ONE), MessageState.PROCESSING), b"{}")
    for dataset in ("", ONE):
        a, b = (output(store, side, tmp_path, dataset) for store, side in zip(stores, "ab", strict=True))
        found = compare(a, b, comparer, dataset)
        assert found.datasets[0].remarks == (
            "'b': there is no record of its run",
            "'b': a run is at work on it; its files may be incomplete",
        )


def test_a_record_that_cannot_be_read_is_remarked(comparer: FakeComparer, tmp_path: Path) -> None:
    store = MemoryStore()
    publish(store)
    store.put_bytes(TREE.log_key(DatasetName.parse(ONE), RECORD), b"{")
    found = compare(output(store, "a", tmp_path), output(store, "b", tmp_path), comparer)
    assert found.agreement is Agreement.EXACT
    assert all("its record cannot be read: It is no JSON" in remark for remark in found.datasets[0].remarks)
    assert len(comparer.compared) == 2


def test_two_layouts_of_one_dataset_in_an_output_are_refused(comparer: FakeComparer, tmp_path: Path) -> None:
    store, layout = MemoryStore(), LAYOUTS[LayoutKind.CALCLOUD]
    publish(store)
    store.put_bytes(layout.archive_key(DatasetName.parse(ONE)), b"")
    with pytest.raises(UsageError, match="'a' holds lsim01010 in two layouts"):
        compare(output(store, "a", tmp_path), output(store, "b", tmp_path), comparer)


def test_two_files_of_one_name_are_refused(comparer: FakeComparer, tmp_path: Path) -> None:
    store = MemoryStore()
    publish(store)
    store.put_bytes(f"data/cos/{ONE}/previews/lsim01010_x1dsum.fits", b"SIMPLE")
    with pytest.raises(UsageError, match=r"two files lsim01010_x1dsum\.fits"):
        compare(output(store, "a", tmp_path), output(store, "b", tmp_path), comparer)


def test_an_empty_output_is_refused(comparer: FakeComparer, tmp_path: Path) -> None:
    store = MemoryStore()
    publish(store)
    with pytest.raises(UsageError, match="b holds nothing to compare"):
        compare(output(store, "a", tmp_path), output(MemoryStore(), "b", tmp_path), comparer)
    with pytest.raises(UsageError, match="b does not hold ldfd01010"):
        publish(other := MemoryStore(), TWO)
        compare(output(other, "a", tmp_path), output(store, "b", tmp_path), comparer, TWO)


def test_digests_of_an_earlier_schema_are_none(comparer: FakeComparer, tmp_path: Path) -> None:
    """Records of schema 1 have no digests: their files are read."""
    store = MemoryStore()
    publish(store)
    record = record_of(ONE, FILES)
    plain = evolve(record, products=tuple(evolve(file, hdus=(), sha256="") for file in record.products))
    store.put_bytes(TREE.log_key(DatasetName.parse(ONE), RECORD), plain.to_json().encode())
    assert compare(output(store, "a", tmp_path), output(store, "b", tmp_path), comparer).agreement is Agreement.EXACT
    assert len(comparer.compared) == 2
