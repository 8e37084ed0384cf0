"""Publishing that is killed by force, at many random moments: what is shown as processed is whole."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.integration.publish import publisher
from tests.integration.publish.outputs import PROCESSED, PROCESSING, DirectoryOutput, Output, generation_of, shown

PROGRAM = Path(publisher.__file__)


@pytest.mark.parametrize("layout", ["tree", "calcloud"])
def test_killed_at_any_moment_nothing_half_is_shown_as_processed(layout: str, output: Output, tmp_path: Path) -> None:
    moments = random.Random(20261122)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    first, in_place, hidden = 0, 0, 0
    command = [sys.executable, str(PROGRAM), output.address, layout, str(scratch)]
    subprocess.run([*command, "0", "0"], check=True, capture_output=True, env=output.environment)
    for _ in range(12 if isinstance(output, DirectoryOutput) else 8):
        with subprocess.Popen([*command, str(first)], stdout=subprocess.PIPE, env=output.environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.5 if isinstance(output, DirectoryOutput) else 1.2))
            process.send_signal(signal.SIGKILL)
            first += len(process.stdout.read().splitlines()) + 1
        objects = shown(output.objects())
        if PROCESSED[layout] in objects:
            in_place += PROCESSING[layout] in objects
            assert generation_of(objects, layout) < first
        else:
            hidden += 1
            assert PROCESSING[layout] in objects
    assert in_place > 0, "no kill came in the middle: the test proves nothing"
    assert hidden == 0 or not isinstance(output, DirectoryOutput)  # directories are exchanged in one step
    first += publisher.fails(first)
    subprocess.run([*command, str(first), str(first)], check=True, capture_output=True, env=output.environment)
    objects = output.objects()
    assert [key for key in objects if key.startswith("messages/")] == [PROCESSED[layout]]
    assert generation_of(objects, layout) == first
    assert not [key for key in objects if key.startswith("attempts/")]
