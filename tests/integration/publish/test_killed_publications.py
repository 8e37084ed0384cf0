"""Publishing that is killed by force, at many random moments: what is shown as processed is whole."""

import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.support import publisher
from tests.support.shared_outputs import PROCESSED, PROCESSING, DirectoryOutput, Output, generation_of, shown

PROGRAM = Path(publisher.__file__)
IN_PLACE = 4  # so many kills at least come while one generation is in place and the next is on its way,
HIDDEN = 1  # and so many while one takes the place of another in S3, which is many steps
MOST = 40


def start(command: list[str], output: Output) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=dict(output.environment))


def steps_of_a_replacement(command: list[str], output: Output) -> tuple[int, float]:
    """Publish two generations undisturbed; return how many steps the second took, and how many seconds each of them."""
    with start([*command, "0", "1"], output) as process:
        assert process.stdout is not None
        told = [(line, time.monotonic()) for line in process.stdout]
    assert process.returncode == 0
    steps = told[[line for line, _ in told].index(b"1\n") + 1 :]
    assert {line for line, _ in steps} == {publisher.STEP}
    return len(steps), sum(after - before for (_, before), (_, after) in pairwise(steps)) / len(steps)


def kill(command: list[str], output: Output, step: int, delay: float) -> int:
    """Publish without end, kill that in the middle of a step, and return how many generations were begun."""
    with start(command, output) as process:
        assert process.stdout is not None
        told: list[bytes] = []
        while told.count(publisher.STEP) <= step:
            told.append(process.stdout.readline())
            assert told[-1], "the publication ended by itself"
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        told += process.stdout.read().splitlines(keepends=True)
    assert process.returncode == -signal.SIGKILL
    return sum(line.strip().isdigit() for line in told)


@pytest.mark.parametrize("layout", ["tree", "calcloud"])
def test_killed_at_any_moment_nothing_half_is_shown_as_processed(layout: str, output: Output, tmp_path: Path) -> None:
    """Moments are told in steps of the publication itself, so that they do not depend on the speed of the machine."""
    moments = random.Random(20261122)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, str(PROGRAM), output.address, layout, str(scratch)]
    steps, pace = steps_of_a_replacement(command, output)
    fewest, to_hide = (12, 0) if isinstance(output, DirectoryOutput) else (8, HIDDEN)
    first, in_place, hidden = 2, 0, 0
    for number in range(MOST):
        if number >= fewest and in_place >= IN_PLACE and hidden >= to_hide:
            break
        first += kill([*command, str(first)], output, moments.randrange(steps), moments.uniform(0, pace))
        objects = shown(output.objects())
        if PROCESSED[layout] in objects:
            in_place += PROCESSING[layout] in objects
            assert generation_of(objects, layout) < first
        else:
            hidden += 1
            assert PROCESSING[layout] in objects
    assert in_place >= IN_PLACE and hidden >= to_hide, "too few kills came in the middle: the test proves nothing"
    assert hidden == 0 or not isinstance(output, DirectoryOutput)  # directories are exchanged in one step
    first += publisher.fails(first)
    with start([*command, str(first), str(first)], output) as process:
        process.communicate()
    assert process.returncode == 0
    objects = output.objects()
    assert [key for key in objects if key.startswith("messages/")] == [PROCESSED[layout]]
    assert generation_of(objects, layout) == first
    assert not [key for key in objects if key.startswith("attempts/")]
