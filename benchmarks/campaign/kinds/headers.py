"""Bits that flip in the headers of raw files and association tables."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from benchmarks.campaign.attempt import Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.kinds.targets import choose_target
from benchmarks.campaign.world import World

_BLOCK: Final = 2880  # FITS standard 4.0, section 3.1


def headers(attempt: Try, world: World) -> None:
    """Flip one to three bits of an input: mostly of its headers, sometimes anywhere."""
    chance = attempt.chance
    target = choose_target(attempt, world)
    inputs = attempt.place / "in"
    shutil.copytree(attempt.subject.inputs, inputs)
    damage(attempt, chance.choice(sorted(inputs.glob("*.fits"))), anywhere=chance.random() < 0.15)
    attempt.engine()
    ended = attempt.run(f"file:{inputs}", *target.arguments)
    judge(attempt, target.output, ended, layout=target.layout, earlier=target.earlier, inputs=inputs)


def damage(attempt: Try, path: Path, *, anywhere: bool = False) -> None:
    """Flip bits of a file."""
    content = bytearray(path.read_bytes())
    places = range(len(content)) if anywhere else header_bytes(content)
    for _ in range(attempt.chance.choice((1, 1, 1, 2, 3))):
        place, bit = attempt.chance.choice(places), attempt.chance.randrange(8)
        content[place] ^= 1 << bit
        card = bytes(content[place - place % 80 : place - place % 80 + 80])
        attempt.tell(f"bit {bit} of byte {place} of {path.name}{'' if anywhere else f': {card!r}'}")
    path.write_bytes(content)


def header_bytes(content: bytes | bytearray) -> list[int]:
    """List the places of a FITS file's header bytes up to each END, blanks at a card's end apart."""
    places: list[int] = []
    block, inside = 0, False
    while block + _BLOCK <= len(content):
        cards = [bytes(content[start : start + 80]) for start in range(block, block + _BLOCK, 80)]
        inside = inside or cards[0].startswith((b"SIMPLE  =", b"XTENSION="))
        if inside:
            for number, card in enumerate(cards):
                places += range(block + number * 80, block + number * 80 + len(card.rstrip()))
                if card.startswith(b"END "):
                    inside = False
                    break
        block += _BLOCK
    return places
