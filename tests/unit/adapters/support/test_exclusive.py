"""The lock of a file that several processes may want to make."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from caldp.adapters.support.exclusive import exclusive

HOLDER = """
import sys
from pathlib import Path
from caldp.adapters.support.exclusive import exclusive
with exclusive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_one_at_a_time(tmp_path: Path) -> None:
    place, inside, most = tmp_path / "x.fits", [0], [0]

    def work(_number: int) -> None:
        with exclusive(place):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(40)))
    assert most == [1]
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_gives_the_lock_up(tmp_path: Path) -> None:
    place, waited = tmp_path / "x.fits", threading.Event()
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        def waiting() -> None:
            waited.set()
            holder.kill()

        with exclusive(place, waiting):
            assert waited.is_set()
    assert list(tmp_path.iterdir()) == []


def test_patience_ends(tmp_path: Path) -> None:
    place, told = tmp_path / "x.fits", list[str]()
    with exclusive(place), exclusive(place, lambda: told.append("waiting"), patience=0.1):
        assert told == ["waiting"]
