"""Filling an empty cache: in what order, how often, and what is left of a fetch that was broken off."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from caldp.adapters.support.exclusive import exclusive
from caldp.domain.run.events import Note, Transfer
from tests.support.crds_server import CrdsServer
from tests.support.offsite_user import Heard, User, assign, tried
from tests.support.replies import flipped, late, stalled, truncated

LARGE = "simnuv_flat.fits"
SMALL = "simnuv_dead.fits"
RUN = """
import os, sys
from pathlib import Path
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
service = CrdsReferences(Path(sys.argv[1]), str, readonly=False, environment=dict(os.environ), fits=AstropyFits())
service.assign([Path(name) for name in sys.argv[2:]], lambda _event: None)
"""


def running(user: User) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(user.home), "CRDS_SERVER_URL": user.url}
    return subprocess.Popen([sys.executable, "-c", RUN, str(user.cache), *map(str, user.raws)], env=environment)


def part_of(user: User, name: str) -> Path:
    """Path at which a download of a reference leaves what has come."""
    [original] = (user.original / "references").rglob(name)
    return user.reference(name).with_name(f".{name}.{hashlib.sha1(original.read_bytes()).hexdigest()[:8]}.part")


def original(user: User, name: str) -> bytes:
    return (user.original / "references" / "hst" / name).read_bytes()


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


def starts(server: CrdsServer, name: str) -> list[int]:
    return [start for asked, start in server.order if asked == name]


def test_a_download_that_was_killed_is_taken_up_where_it_was(user: User, server: CrdsServer) -> None:
    server.fail(LARGE, stalled)
    part, half = part_of(user, LARGE), len(original(user, LARGE)) // 2
    with running(user) as run:
        until(lambda: part.exists() and part.stat().st_size == half)
        run.kill()
    heard = Heard()
    assign(user.service(), user, heard.events.append)
    assert starts(server, LARGE) == [0, half]
    assert user.is_whole(LARGE)
    assert user.hidden() == []
    assert any(
        isinstance(event, Note) and f"{LARGE} is taken up after {half} of" in event.text for event in heard.events
    )


def test_a_download_that_broke_off_at_every_try_is_taken_up_by_the_next_run(user: User, server: CrdsServer) -> None:
    server.fail_always(LARGE, truncated)
    half = len(original(user, LARGE)) // 2
    assert f"{LARGE} cannot be downloaded" in tried(user.service(attempts=2), user).message
    assert part_of(user, LARGE).stat().st_size == half
    server.mend()
    server.order.clear()
    assign(user.service(), user)
    assert starts(server, LARGE) == [half]
    assert user.is_whole(LARGE)
    assert user.hidden() == []


def left(user: User, content: bytes) -> None:
    part = part_of(user, LARGE)
    part.parent.mkdir(parents=True)
    part.write_bytes(content)


def test_what_is_left_of_another_file_is_not_built_upon(user: User, server: CrdsServer) -> None:
    left(user, bytes(1000))
    assign(user.service(attempts=1), user)
    assert starts(server, LARGE) == [1000, 0]
    assert user.is_whole(LARGE)
    assert user.hidden() == []


def test_what_is_left_may_be_too_much_or_all(user: User, server: CrdsServer) -> None:
    left(user, original(user, LARGE) + b"x")
    assign(user.service(attempts=1), user)
    assert starts(server, LARGE) == [0]
    user.reference(LARGE).unlink()
    part_of(user, LARGE).write_bytes(original(user, LARGE))
    assign(user.service(attempts=1), user)
    assert starts(server, LARGE) == [0]
    assert user.is_whole(LARGE)


def test_a_server_that_sends_whole_files_only_is_asked_for_one(user: User, server: CrdsServer) -> None:
    server.takes_ranges = False
    left(user, original(user, LARGE)[:1000])
    assign(user.service(attempts=1), user)
    assert starts(server, LARGE) == [1000, 0]
    assert user.is_whole(LARGE)


def test_the_largest_come_first(user: User, server: CrdsServer) -> None:
    assign(user.service(at_once=1), user)
    sizes = [len(original(user, name)) for name, _ in server.order if name.endswith(".fits")]
    assert len(sizes) > 2
    assert sizes == sorted(sizes, reverse=True)


def test_connections_are_kept(user: User, server: CrdsServer) -> None:
    assign(user.service(at_once=2), user)
    # Two of ours, and one of CRDS's client for the catalogue.
    assert server.connections <= 3 < len(server.order)


def test_all_is_announced_before_it_comes_and_told_when_it_has(user: User, server: CrdsServer) -> None:
    heard = Heard()
    assign(user.service(), user, heard.events.append)
    transfers = [event for event in heard.events if isinstance(event, Transfer) and event.name.endswith(".fits")]
    sizes = {name: len(original(user, name)) for name in server.names(".fits")}
    assert transfers[: len(sizes)] == [Transfer(name, 0, size) for name, size in sorted(sizes.items())]
    assert {event.name: event.done for event in transfers} == sizes


def test_what_another_run_fetches_is_left_for_the_end(user: User, server: CrdsServer) -> None:
    user.reference(LARGE).parent.mkdir(parents=True)
    heard = Heard()
    with exclusive(user.reference(LARGE)):
        run = threading.Thread(target=assign, args=(user.service(at_once=1), user, heard.events.append))
        run.start()
        others = set(server.names(".fits")) - {LARGE}
        until(lambda: all(user.reference(name).exists() for name in others))
        until(lambda: any(f"another run fetches {LARGE}" in str(event).lower() for event in heard.events))
        user.reference(LARGE).write_bytes(original(user, LARGE))
    run.join(120)
    assert server.requests[LARGE] == 0
    assert Transfer(LARGE, len(original(user, LARGE)), len(original(user, LARGE))) in heard.events


def test_a_run_takes_over_what_a_killed_one_was_fetching(user: User, server: CrdsServer) -> None:
    server.fail(LARGE, stalled)
    server.fail(SMALL, late(0.5))
    part, half = part_of(user, LARGE), len(original(user, LARGE)) // 2
    with running(user) as first:
        until(lambda: part.exists() and part.stat().st_size == half)
        with running(user) as second:
            until(lambda: all(user.reference(name).exists() for name in server.names(".fits") if name != LARGE))
            first.kill()
            assert second.wait(120) == 0
    assert starts(server, LARGE) == [0, half]
    assert {name: count for name, count in server.requests.items() if "." in name and count != 1} == {LARGE: 2}
    assert user.is_whole(LARGE)
    assert user.hidden() == []


def test_locks_and_old_parts_of_killed_runs_are_removed(user: User) -> None:
    directory = user.reference(LARGE).parent
    directory.mkdir(parents=True)
    (directory / ".gone.fits.lock").touch()
    old, new = directory / ".gone.fits.01234567.part", directory / ".other.fits.01234567.part"
    for part in (old, new):
        part.write_bytes(b"x")
    eight_days_ago = time.time() - 8 * 86_400
    os.utime(old, (eight_days_ago, eight_days_ago))
    with exclusive(directory / "held.fits"):
        assign(user.service(), user)
        assert sorted(user.hidden()) == [".held.fits.lock", new.name]


def test_a_bit_flipped_in_the_second_half_costs_one_more_download(user: User, server: CrdsServer) -> None:
    left(user, original(user, LARGE)[:1000])
    server.fail(LARGE, flipped)
    assign(user.service(attempts=1), user)
    assert starts(server, LARGE) == [1000, 0]
    assert user.is_whole(LARGE)
