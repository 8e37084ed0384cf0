"""The scripted engine of a try: copies prepared products into its directory, and misbehaves as it is told.

Run by ``python -S``, so it knows the standard library only. Its orders are the JSON file beside the program.

The products have `PLACEHOLDER` in place of a token; each run of the engine puts one of its own there, in its products,
trailers and output, so that files of two runs can be told apart.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PLACEHOLDER = b"TOKEN-0000000000"


def main(program: str) -> int:
    """Do what the orders say; return the exit status."""
    orders: dict[str, Any] = json.loads(Path(program).with_suffix(".json").read_text())
    token = b"TOKEN-" + secrets.token_hex(5).encode()
    say(f"The engine begins: {token.decode()}")
    if orders["children"]:
        start_children()
    for path in sorted(Path(orders["products"]).iterdir()):
        Path(path.name).write_bytes(path.read_bytes().replace(PLACEHOLDER, token))
        time.sleep(orders["pause"])
    for trick in orders["tricks"]:
        TRICKS[trick["name"]](**{key: value for key, value in trick.items() if key != "name"})
    say("The engine ends.")
    return int(orders["status"])


def say(text: str) -> None:
    """Write a line."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def start_children() -> None:
    """Start a child in our group, and one that leaves it and lets go of our output."""
    subprocess.Popen(["sleep", "600"])
    daemon("sleep 600")


def daemon(command: str) -> None:
    """Leave a process behind that has a session of its own."""
    null = subprocess.DEVNULL
    subprocess.Popen(["sh", "-c", command], stdin=null, stdout=null, stderr=null, start_new_session=True)


def hide() -> None:
    """Leave a process behind that has neither our environment nor our directory; only its program tells whose it is."""
    idle = Path(sys.argv[0]).resolve().with_name("idle")
    shutil.copy(shutil.which("sleep") or "/bin/sleep", idle)
    daemon(f'cd / && exec env -i "{idle}" 600')


def truncate_later(seconds: float, file: str) -> None:
    """Let a daemon cut a product off a while after we have ended."""
    daemon(f"sleep {seconds}; truncate --size 3000 {file}")


def noise(megabytes: int, newlines: bool) -> None:
    """Write a lot of text."""
    line = b"noise " * 12 + (b"\n" if newlines else b"")
    for _ in range(megabytes):
        sys.stdout.buffer.write(line * (1_000_000 // len(line)))
    say("")


def delete(file: str) -> None:
    """Delete a file."""
    Path(file).unlink()


def append(file: str) -> None:
    """Write into a file, such as an input."""
    with Path(file).open("r+b") as target:
        target.seek(-2880, os.SEEK_END)
        target.write(b"\x5a" * 100)


def link(file: str) -> None:
    """Replace a file by a symbolic link to another of its content."""
    hidden = Path(f"../{file}.target")
    Path(file).rename(hidden)
    Path(file).symlink_to(hidden)


def grow(file: str) -> None:
    """Add a block to the end of a file."""
    with Path(file).open("ab") as target:
        target.write(bytes(2880))


def make_directory(file: str) -> None:
    """Put a directory in the place of a file."""
    Path(file).unlink()
    Path(file).mkdir()


def write(file: str, text: str) -> None:
    """Write a file that nobody asked for."""
    Path(file).write_text(text)


def copy(file: str, target: str) -> None:
    """Copy a file to another name."""
    Path(target).write_bytes(Path(file).read_bytes())


def die(number: int) -> None:
    """End by a signal."""
    os.kill(os.getpid(), number)
    signal.pause()


def wait(seconds: float) -> None:
    """Go on for a while."""
    time.sleep(seconds)


TRICKS = {
    function.__name__: function
    for function in (
        truncate_later,
        noise,
        delete,
        append,
        grow,
        link,
        make_directory,
        write,
        copy,
        die,
        wait,
        daemon,
        hide,
    )
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[0]))
