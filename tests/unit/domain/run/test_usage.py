"""Resource usage as GNU time's text, which CALCLOUD reads by line number (docs/reference/contracts/calcloud.md)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.run.usage import ResourceUsage, gnu_time_text, parse_gnu_time

# What `/usr/bin/time --verbose` (GNU time 1.9, Debian 12) wrote on its standard error.
_REST = """\
\tAverage shared text size (kbytes): 0
\tAverage unshared data size (kbytes): 0
\tAverage stack size (kbytes): 0
\tAverage total size (kbytes): 0
\tMaximum resident set size (kbytes): {rss}
\tAverage resident set size (kbytes): 0
\tMajor (requiring I/O) page faults: 5
\tMinor (reclaiming a frame) page faults: 9371
\tVoluntary context switches: 123
\tInvoluntary context switches: 43
\tSwaps: 0
\tFile system inputs: 744
\tFile system outputs: 8
\tSocket messages sent: 0
\tSocket messages received: 0
\tSignals delivered: 0
\tPage size (bytes): 4096
\tExit status: {status}
"""
PYTHON = """\
\tCommand being timed: "python3 -c print('x: y')"
\tUser time (seconds): 0.07
\tSystem time (seconds): 0.01
\tPercent of CPU this job got: 77%
\tElapsed (wall clock) time (h:mm:ss or m:ss): 0:00.11
""" + _REST.format(rss=13400, status=0)
FAILED = """\
Command exited with non-zero status 3
\tCommand being timed: "sh -c exit 3"
\tUser time (seconds): 0.00
\tSystem time (seconds): 0.00
\tPercent of CPU this job got: 0%
\tElapsed (wall clock) time (h:mm:ss or m:ss): 0:00.00
""" + _REST.format(rss=1496, status=3)
KILLED = """\
Command terminated by signal 9
\tCommand being timed: "sh -c kill -9 $$"
\tUser time (seconds): 0.00
\tSystem time (seconds): 0.00
\tPercent of CPU this job got: 89%
\tElapsed (wall clock) time (h:mm:ss or m:ss): 0:00.00
""" + _REST.format(rss=1452, status=0)


@pytest.mark.parametrize(
    ("text", "command", "status", "usage"),
    [
        pytest.param(PYTHON, "python3 -c print('x: y')", 0, ResourceUsage(0.11, 0.07, 0.01, 13400 * 1024), id="good"),
        pytest.param(FAILED, "sh -c exit 3", 3, ResourceUsage(max_rss_bytes=1496 * 1024), id="failed"),
        pytest.param(KILLED, "sh -c kill -9 $$", -9, ResourceUsage(max_rss_bytes=1452 * 1024), id="killed"),
    ],
)
def test_real_text_is_read(text: str, command: str, status: int, usage: ResourceUsage) -> None:
    timed = parse_gnu_time(text)
    assert (timed.command, timed.status, timed.usage) == (command, status, usage)
    assert parse_gnu_time(f"output of the command: 7\n{text}") == timed


def test_what_we_write_has_the_lines_of_the_real_text() -> None:
    written = gnu_time_text("python3 -c print('x: y')", ResourceUsage(0.11, 0.07, 0.01, 13400 * 1024), 0)
    names = [[line.rpartition(": ")[0] for line in text.splitlines()] for text in (written, PYTHON)]
    assert names[0] == names[1]


def test_calcloud_finds_its_three_lines_by_number() -> None:
    lines = gnu_time_text("caldp process ldfd01010", ResourceUsage(75.614, 70.0, 3.5, 1_234_567_890), 23).splitlines()
    assert lines[4] == "\tElapsed (wall clock) time (h:mm:ss or m:ss): 1:15.61"
    assert lines[9] == "\tMaximum resident set size (kbytes): 1205632"
    assert lines[-1] == "\tExit status: 23"


@pytest.mark.parametrize(
    ("seconds", "clock"),
    [
        (0, "0:00.00"), (0.004, "0:00.00"), (59.994, "0:59.99"), (59.996, "1:00.00"), (61.5, "1:01.50"),
        (3599.99, "59:59.99"), (3600, "1:00:00"), (3661.99, "1:01:01"), (100 * 3600, "100:00:00"),
    ],
)  # fmt: skip
def test_the_clock_shows_hours_only_where_there_are_any(seconds: float, clock: str) -> None:
    line = gnu_time_text("x", ResourceUsage(wall_seconds=seconds), 0).splitlines()[4]
    assert line.rpartition(": ")[2] == clock


USAGES = st.builds(
    ResourceUsage,
    wall_seconds=st.floats(0, 1e6),
    user_seconds=st.floats(0, 1e6),
    system_seconds=st.floats(0, 1e6),
    max_rss_bytes=st.integers(0, 2**45),
)


@given(USAGES, st.integers(-64, 255))
def test_what_we_write_is_read_back_to_its_precision(usage: ResourceUsage, status: int) -> None:
    timed = parse_gnu_time(gnu_time_text("caldp process", usage, status))
    precision = 0.0051 if usage.wall_seconds < 3599 else 1
    assert timed.status == status
    assert timed.usage.wall_seconds == pytest.approx(usage.wall_seconds, rel=0, abs=precision)
    assert timed.usage.user_seconds == pytest.approx(usage.user_seconds, rel=0, abs=0.0051)
    assert timed.usage.max_rss_bytes == usage.max_rss_bytes // 1024 * 1024


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("", "Elapsed"),
        (PYTHON.replace("0:00.11", "soon"), "Elapsed"),
        (PYTHON.replace("13400", "-1"), "Maximum resident"),
        (PYTHON.replace("Exit status", "Status"), "Exit status"),
        (PYTHON.replace("User time", "Time"), "User time"),
        (PYTHON.partition("\tExit")[0], "Exit status"),
    ],
)
def test_what_is_not_gnu_times_text_is_refused(text: str, lacking: str) -> None:
    with pytest.raises(ValueError, match=f"no line '{lacking}"):
        parse_gnu_time(text)


@given(st.one_of(st.text(), st.tuples(st.text(), st.just(PYTHON), st.text()).map("".join)))
def test_any_text_is_read_or_gives_a_value_error(text: str) -> None:
    try:
        parse_gnu_time(text)
    except ValueError as error:
        assert "not GNU time's text" in str(error)


def test_work_in_a_row_adds_times_and_keeps_the_highest_peak() -> None:
    first, second = ResourceUsage(10, 8, 1, 300), ResourceUsage(5, 1, 0.5, 700)
    assert first + second == ResourceUsage(15, 9, 1.5, 700)
    assert ResourceUsage.total([]) == ResourceUsage()


@pytest.mark.parametrize(
    ("usage", "percent"),
    [(ResourceUsage(10, 8, 1), 90), (ResourceUsage(10, 15, 1), 160), (ResourceUsage(0, 1, 1), 0)],
)
def test_percent_of_cpu(usage: ResourceUsage, percent: int) -> None:
    assert usage.cpu_percent == percent
