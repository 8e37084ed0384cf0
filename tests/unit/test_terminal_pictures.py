"""Pictures of a terminal: they show what it showed in the end, and ask for nothing."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest

from tests.conftest import REPOSITORY


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("terminal_pictures", REPOSITORY / "scripts" / "terminal_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_lines_that_are_written_anew_are_there_once(pictures: ModuleType) -> None:
    first = "head\r\n\x1b[?25lfetch 1 s\r\ncalib 2 s"
    second = "\r\x1b[2K\x1b[1A\x1b[2Kfetch \x1b[32mdone\x1b[0m\r\ncalib 3 s\r\n\x1b[?25hend\r\n"
    assert pictures.screen(first + second) == "head\nfetch \x1b[32mdone\x1b[0m\ncalib 3 s\nend"


def test_what_a_command_sends_to_its_terminal_is_drawn(pictures: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(
        "import os, sys; print(sys.stdout.isatty(), os.environ['COLUMNS'], '<b> & \\x1b[31mred')"
    )
    shown = pictures.screen(pictures.printed("hello", tmp_path))
    assert shown.startswith(f"True {pictures.COLUMNS} <b> & ")
    drawn = pictures.picture("hello", shown)
    texts = "".join(ET.fromstring(drawn).itertext()).replace("\xa0", " ")
    assert "$ hello" in texts
    assert "<b> & " in texts
    assert "red" in texts
    (tmp_path / "broken.py").write_text("raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="broken failed"):
        pictures.printed("broken", tmp_path)


def test_the_pictures_of_the_pages_are_those_of_the_script_and_ask_for_nothing(pictures: ModuleType) -> None:
    found = {path.stem: path.read_text(encoding="utf-8") for path in pictures.PICTURES.glob("*.svg")}
    assert set(found) == set(pictures.COMMANDS)
    for name, text in found.items():
        assert pictures.COMMANDS[name] in "".join(ET.fromstring(text).itertext()).replace("\xa0", " ")
        assert not re.search(r"url\((?!#)|@import|href=|src:", text)
        assert str(REPOSITORY) not in text
