"""Pictures for the pages: what a terminal shows of commands, and the preview that they make.

``python scripts/terminal_pictures.py`` runs the commands and renews ``docs/pictures``, in half a minute. It needs the
extra ``engines``. Nothing is drawn by hand: look at the pictures before they are committed.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

PICTURES: Final = Path(__file__).resolve().parent.parent / "docs" / "pictures"
HOME: Final = "/home/me"
"""Place of the commands in the pictures."""
COLUMNS, ROWS = 110, 60
COMMANDS: Final = {
    "demo": "caldp demo",
    "status": "caldp status caldp-demo",
    "show": "caldp show lsim01010 caldp-demo",
}
"""Commands by the name of their picture, run one after the other in one directory."""
PREVIEW: Final = "caldp-demo/data/cos/lsim01010/previews/lsim01010_x1dsum.png"
_CONTROL: Final = re.compile(r"\x1b\[([0-9;?]*)([A-Za-ln-z])|\r")
_FONT: Final = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
"""rich lets a picture ask another site for its font: a page of ours asks for nothing."""


def main() -> None:
    """Run the commands and write the pictures."""
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as temporary:
        directory = Path(temporary).resolve()
        for name, command in COMMANDS.items():
            shown = screen(printed(command, directory)).replace(str(directory), HOME)
            (PICTURES / f"{name}.svg").write_text(picture(command, shown), encoding="utf-8")
        shutil.copy(directory / PREVIEW, PICTURES / Path(PREVIEW).name)


def printed(command: str, directory: Path) -> str:
    """Run a command on a terminal of its own; return all that it sends there.

    Raises
    ------
    RuntimeError
        If it fails.
    """
    terminal, inside = pty.openpty()
    fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = os.environ | {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
    words = [sys.executable, "-m", *command.split()]
    with subprocess.Popen(words, cwd=directory, env=environment, stdin=inside, stdout=inside, stderr=inside) as run:
        os.close(inside)
        sent = b"".join(_pieces(terminal)).decode()
    if run.returncode:
        raise RuntimeError(f"{command} failed: {sent}")
    return sent


def _pieces(terminal: int) -> Iterator[bytes]:
    """Yield what comes out of a terminal until its programs have ended."""
    with open(terminal, "rb", buffering=0) as stream:
        try:
            while piece := stream.read(1 << 16):
                yield piece
        except OSError:  # Linux's way to say so
            return


def screen(sent: str) -> str:
    """Return what a terminal shows in the end: lines that were erased and written anew are there once.

    Only what rich's live views send is understood: beginning of the line, a line up, erasure of a line, colours.
    """
    lines = [""]
    for number, line in enumerate(sent.replace("\r\n", "\n").split("\n")):
        lines += [""] if number else []
        end = 0
        for control in _CONTROL.finditer(line):
            lines[-1] += line[end : control.start()]
            end = control.end()
            if control[2] == "A":
                del lines[-int(control[1] or 1) :]
            elif control[2] == "K":
                lines[-1] = ""
        lines[-1] += line[end:]
    return "\n".join(lines).rstrip()


def picture(command: str, text: str) -> str:
    """Draw a command and what it showed, as SVG that asks for nothing."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(text))
    drawn = console.export_svg(title="", theme=MONOKAI, unique_id="terminal")
    return _FONT.sub("", drawn).replace("Fira Code, monospace", "monospace")


if __name__ == "__main__":
    main()
