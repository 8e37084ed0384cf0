"""Output of ``caldp process`` through the console script: on a terminal, in a pipe, and for machines."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

SCRIPTS = Path(sys.executable).parent
WORDS = (str(SCRIPTS / "caldp"), "process", "ldfd01010", "file:inputs", "file:out")
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9]m")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A directory with inputs that calibration cannot start from: a run that ends soon, and badly."""
    (tmp_path / "inputs").mkdir()
    return tmp_path


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CALDP", "CRDS", "NO_COLOR", "CI", "COLUMNS", "LINES"))
    }
    return {**kept, "TERM": "xterm-256color", "CRDS_PATH": "/nowhere", **more}


def pipe(place: Path, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WORDS, *options], cwd=place, env=environment(**more), capture_output=True, text=True, check=False
    )


def terminal(place: Path, *options: str, columns: int = 80, **more: str) -> tuple[int, str]:
    """Run it on a terminal; return its status and all that the terminal got."""
    controller, user = pty.openpty()
    fcntl.ioctl(user, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [*WORDS, *options], cwd=place, env=environment(**more), stdin=user, stdout=user, stderr=user
    ) as run:
        os.close(user)
        shown = b""
        while True:
            try:
                part = os.read(controller, 65536)
            except OSError as error:  # how Linux says that the other side is closed
                assert error.errno == errno.EIO
                break
            if not part:
                break
            shown += part
    os.close(controller)
    return run.returncode, shown.decode()


def test_a_pipe_gets_lines_with_the_time_and_a_summary_on_standard_error(place: Path) -> None:
    done = pipe(place)
    assert (done.returncode, done.stdout) == (21, "")
    assert "\x1b" not in done.stderr
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ----- fetch FAILED", done.stderr, re.MULTILINE)
    assert "ldfd01010: EXIT - INPUT_TAR_FILE_ERROR[21]" in done.stderr


def test_a_terminal_gets_a_live_view(place: Path) -> None:
    status, shown = terminal(place)
    assert status == 21
    assert "\x1b[?25l" in shown, "the cursor is hidden while lines are redrawn"
    assert "\x1b[?25h" in shown, "and shown again"
    assert COLOUR.search(shown)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    assert re.search(r"FAILED +fetch", text)
    assert "ldfd01010: EXIT - INPUT_TAR_FILE_ERROR[21]" in text
    assert not re.search(r"\d{4}-\d\d-\d\dT", text), "no times in front"


def test_no_color_and_dumb_terminals_are_respected(place: Path) -> None:
    _, shown = terminal(place, NO_COLOR="1")
    assert re.search(r"FAILED", shown)
    assert not COLOUR.search(shown)
    _, shown = terminal(place, TERM="dumb")
    assert "\x1b" not in shown
    assert "----- fetch FAILED" in shown


def test_the_outcome_is_alone_on_standard_output(place: Path) -> None:
    done = pipe(place, "--json", "--log-format", "json")
    outcome = json.loads(done.stdout)
    assert outcome["status"] == done.returncode == 21
    assert outcome["record"]["failures"][0]["step"] == "fetch"
    assert outcome["message"] == "error"
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["step"] for event in events if event["event"] == "StepStarted"][:2] == ["announce", "fetch"]


def test_quiet_is_quiet_and_verbose_tells_more(place: Path) -> None:
    quiet, plain, verbose = (pipe(place, *options) for options in (("-q",), (), ("-v",)))
    assert 0 < len(quiet.stderr.splitlines()) < len(plain.stderr.splitlines()) <= len(verbose.stderr.splitlines())
    assert all(" ERROR " in line or " WARN " in line for line in quiet.stderr.splitlines())


def test_the_scratch_directory_is_where_it_is_asked_for(place: Path) -> None:
    done = pipe(place, "--work-dir", "scratch", "--keep-work", "--json")  # it has fetched nothing
    assert json.loads(done.stdout)["work_directory"] == str(place / "scratch")
    assert (place / "scratch" / "logs" / "process.txt").is_file()
    again = pipe(place, "--work-dir", "scratch")
    assert again.returncode == 1
    assert "is not empty" in again.stderr


def test_the_readmes_command_is_the_same_run(place: Path) -> None:
    done = subprocess.run(
        [str(SCRIPTS / "caldp-process"), "ldfd01010", "file:inputs", "file:out", "caldp-config-offsite", "--json"],
        cwd=place, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 21
    assert json.loads(done.stdout)["record"]["profile"] == "offsite"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("caldp pro", ["process", "profile"]),
        ("caldp process x --profile o", ["onsite", "offsite"]),
        ("caldp docker l", ["login"]),
        ("caldp profile show of", ["offsite"]),
        ("caldp explain STAGE", ["STAGE1_ERROR", "STAGE2_ERROR"]),
        ("caldp process x --layout t", ["tree"]),
        ("caldp status out --state er", ["error"]),
    ],
)
def test_a_shell_completes_commands_and_profiles(line: str, expected: list[str], place: Path) -> None:
    more = {"_CALDP_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(WORDS[:1], cwd=place, env=environment(**more), capture_output=True, text=True, check=False)
    assert done.stdout.split() == expected


@pytest.mark.parametrize("layout", ["tree", "calcloud"])
def test_an_output_that_is_not_ascii_works_in_the_c_locale(layout: str, place: Path) -> None:
    exports = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [*WORDS[:-1], "ausg\N{LATIN SMALL LETTER A WITH DIAERESIS}nge", "--layout", layout, "--json"],
        cwd=place, env=environment(**exports), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 21, done.stderr
    assert b"UnicodeEncodeError" not in done.stderr
    assert json.loads(done.stdout)["message"] == "error"
    output = place / "ausg\N{LATIN SMALL LETTER A WITH DIAERESIS}nge"
    [message] = [path for path in (output / "messages").rglob("*ldfd01010*") if path.is_file()]
    expected = f"{output}/outputs/ldfd01010/ldfd01010.tar.gz" if layout == "calcloud" else ""
    assert message.read_bytes() == expected.encode()


def test_the_last_event_is_the_runs_end_and_each_names_the_dataset(place: Path) -> None:
    done = pipe(place, "--log-format", "json")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert (events[0]["event"], events[-1]["event"]) == ("RunStarted", "RunEnded")
    assert {event["dataset"] for event in events} == {"ldfd01010"}
    assert (events[-1]["status"], events[-1]["location"]) == (21, f"{place}/out/data/cos/ldfd01010")


@pytest.mark.parametrize("columns", [80, 60])
def test_a_terminal_breaks_no_word_and_tells_a_failure_once(columns: int, place: Path) -> None:
    _, shown = terminal(place, columns=columns)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    closing = text.rpartition("ldfd01010: EXIT")[2]
    assert closing.count("raw exposure") == text.count("raw exposure") == 1
    lines = closing.splitlines()
    assert [line for line in lines if len(line) > columns and "/" not in line] == []
    assert "(_raw," in closing.split()


def test_a_closed_pipe_ends_no_command_in_a_traceback(place: Path) -> None:
    for number in range(300):
        path = place / "out" / "messages" / "datasets-processed" / f"j{number:04}1010"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for form in ("table", "json", "csv", "ecsv"):
        line = f"{WORDS[0]} status out --format {form} | head -n 1"
        done = subprocess.run(
            ["sh", "-c", line], cwd=place, env=environment(), capture_output=True, text=True, check=True
        )
        assert done.stdout.count("\n") == 1
        assert "Traceback" not in done.stderr
