"""A real process whose address space forbids a thread."""

import os
import subprocess
import sys

SCRIPT = """
import os, resource
from concurrent.futures import ThreadPoolExecutor
from caldp.app.process.guard import owning
from caldp.domain.errors import CaldpError
from caldp.domain.exit_codes import ExitCode

used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 20),) * 2)  # a thread's stack is larger
try:
    with owning(ExitCode.INPUT_TAR_FILE_ERROR), ThreadPoolExecutor(2) as pool:
        list(pool.map(str, range(2)))
except CaldpError as error:
    print(error.message, error.advice)
    raise SystemExit(int(error.exit_code))
"""


def test_a_thread_that_cannot_be_started_is_a_memory_error_with_advice_on_both_limits() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, env=os.environ)
    assert done.returncode == 34, done.stderr
    assert "could not start a new thread" in done.stdout
    assert "ulimit -v" in done.stdout
    assert "ulimit -u" in done.stdout
