"""Two processes that publish the same dataset at once: never files of both, and one at least is told no lie."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import publisher
from tests.support.shared_outputs import PROCESSED, PROCESSING, DirectoryOutput, Output, generation_of, shown

PROGRAM = Path(publisher.__file__)


def begin(output: Output, layout: str, scratch: Path, generation: int) -> subprocess.Popen[str]:
    """Start a process that is ready to publish one generation."""
    scratch.mkdir()
    command = [sys.executable, str(PROGRAM), output.address, layout, str(scratch), str(generation), str(generation)]
    pipe = subprocess.PIPE
    run = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=dict(output.environment))
    assert run.stdout is not None
    assert run.stdout.readline() == publisher.READY.decode()
    return run


def let_go(runs: list[subprocess.Popen[str]]) -> None:
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()


@pytest.mark.parametrize("layout", ["tree", "calcloud"])
def test_of_two_at_once_one_dataset_is_whole(layout: str, output: Output, tmp_path: Path) -> None:
    chance = random.Random(20261125)
    refused = 0
    rounds = 6 if isinstance(output, DirectoryOutput) else 3
    for number in range(rounds):
        generations = (5 * number, 5 * number + 1)  # which do not fail
        runs = [begin(output, layout, tmp_path / f"{number}-{one}", one) for one in generations]
        let_go(runs)
        if number % 3 == 2:
            for _ in range(chance.randrange(1, 50)):
                runs[0].stdout.readline()  # type: ignore[union-attr]
            runs[0].send_signal(signal.SIGKILL)
        statuses = []
        for run in runs:
            _, told = run.communicate(timeout=120)
            statuses.append(run.returncode)
            if run.returncode == publisher.TAKEN:
                refused += 1
                assert "is being processed by run" in told or "taken over" in told
        assert set(statuses) <= {0, publisher.TAKEN, -signal.SIGKILL}
        objects = shown(output.objects())
        if 0 in statuses or number > 0:
            assert generation_of(objects, layout) <= max(generations)
            assert PROCESSED[layout] in objects
        if statuses[1] == 0 and -signal.SIGKILL not in statuses:
            assert generation_of(objects, layout) in generations
            assert PROCESSING[layout] not in objects
    assert refused > 0, "no two were at work at the same time: the test proves nothing"
