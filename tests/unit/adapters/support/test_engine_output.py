"""Lines heard of a program's output, and parts kept of a flood."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.adapters.support.engine_output import EngineOutput

MARK = "[caldp: "


def hear(pieces: list[bytes], head: int = 1 << 20, tail: int = 1 << 20) -> list[str]:
    """Write pieces into a pipe one after the other, and return what is heard."""
    reading, writing = os.pipe()
    heard: list[str] = []
    output = EngineOutput(reading, heard.append, head=head, tail=tail)
    for piece in pieces:
        os.write(writing, piece)
        output.read()
    os.close(writing)
    assert not output.read()
    output.finish()
    os.close(reading)
    return heard


def cut(text: bytes, size: int) -> list[bytes]:
    return [text[begin : begin + size] for begin in range(0, len(text), size)]


@given(st.lists(st.text("ab", max_size=5), max_size=20), st.integers(1, 7), st.booleans(), st.integers(0, 30))
def test_lines_are_those_that_were_written_however_they_come(
    lines: list[str], size: int, ended: bool, head: int
) -> None:
    text = "\n".join(lines) + ("\n" if ended else "")
    expected = text.split("\n")
    if not expected[-1]:
        expected.pop()
    assert hear(cut(text.encode(), size), head=head) == expected


def test_a_line_shows_as_on_a_terminal() -> None:
    assert hear([b"10%\r50%\r", b"100%\ndos\r\ncaf\xe9\nlast"]) == [
        "100%",
        "dos",
        "caf\N{REPLACEMENT CHARACTER}",
        "last",
    ]


@given(st.integers(1, 400), st.integers(1, 50))
def test_head_and_tail_of_a_flood_are_kept_and_the_rest_is_counted(size: int, length: int) -> None:
    lines = [f"{number:05d}".ljust(length, ".") for number in range(300)]
    text = "\n".join(lines).encode() + b"\n"
    heard = hear(cut(text, size), head=500, tail=700)
    marks = [line for line in heard if line.startswith(MARK)]
    if len(text) <= 1200:
        assert heard == lines
        return
    assert len(marks) <= 1
    if marks:
        where = heard.index(marks[0])
        assert heard[: where - 1] == lines[: where - 1]
        assert lines[where - 1].startswith(heard[where - 1])  # the head may end within a line
        kept = heard[where + 1 :]
        assert kept == lines[len(lines) - len(kept) :]
        left_out = int(marks[0].removeprefix(MARK).split()[0].replace(",", ""))
        assert left_out + sum(len(line) + 1 for line in kept) == len(text) - size * -(-500 // size)
    else:
        assert heard == lines


def flood(kind: str) -> Iterator[bytes]:
    block = {"lines": (b"x" * 79 + b"\n") * 800, "no newlines": b"x" * 64_000, "pieces": b"x" * 1000}[kind]
    return (block for _ in range(40_000_000 // len(block)))


@pytest.mark.parametrize("kind", ["lines", "no newlines", "pieces"])
def test_a_flood_takes_memory_that_does_not_grow(kind: str) -> None:
    reading, writing = os.pipe()

    def pour() -> None:
        for block in flood(kind):
            os.write(writing, block)
        os.close(writing)

    pouring = threading.Thread(target=pour)
    heard: list[int] = []
    output = EngineOutput(reading, lambda line: heard.append(len(line)), head=1 << 20, tail=1 << 20)
    tracemalloc.start()
    pouring.start()
    while output.read():
        pass
    output.finish()
    pouring.join()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    os.close(reading)
    assert peak < 12 << 20
    assert 1 << 20 < sum(heard) < 3 << 20
