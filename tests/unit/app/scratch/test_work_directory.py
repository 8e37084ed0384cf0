"""Every run has a scratch directory of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.app.scratch.work_directory import make_work_directory, remove_work_directory, short_path
from caldp.domain.errors import WorkDirectoryError
from caldp.domain.hst.dataset import DatasetName

DATASET = DatasetName.parse("ldfd01010")


def test_two_runs_never_meet(tmp_path: Path) -> None:
    first, second = make_work_directory(DATASET, tmp_path), make_work_directory(DATASET, tmp_path)
    assert first.root != second.root
    for work in (first, second):
        assert work.root.parent == tmp_path
        assert all(path.is_dir() for path in (work.data, work.references, work.previews, work.logs))


def test_is_removed_whole(tmp_path: Path) -> None:
    work = make_work_directory(DATASET, tmp_path)
    (work.data / "x.fits").touch()
    remove_work_directory(work)
    assert list(tmp_path.iterdir()) == []


def test_may_be_named_exactly(tmp_path: Path) -> None:
    assert make_work_directory(DATASET, tmp_path, tmp_path / "here").root == tmp_path / "here"


def test_a_named_one_must_be_empty(tmp_path: Path) -> None:
    (tmp_path / "x1d.fits").touch()
    with pytest.raises(WorkDirectoryError, match="is not empty"):
        make_work_directory(DATASET, tmp_path, tmp_path)


def test_where_none_can_be_made_the_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkDirectoryError, match="file") as caught:
        make_work_directory(DATASET, tmp_path / "file" / "home")
    assert "CALDP_HOME" in caught.value.advice


def test_hstcal_gets_a_path_that_it_can_hold(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a directory with a long name"] * 10)
    deep.mkdir(parents=True)
    (deep / "x_flt.fits").write_text("flat")
    with short_path(deep) as path:
        assert len(str(path)) <= 200
        assert (path / "x_flt.fits").read_text() == "flat"
    assert not path.exists()
    with short_path(tmp_path) as path:
        assert path == tmp_path
