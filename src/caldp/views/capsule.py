"""A capsule, as text or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Protocol

from caldp.domain.lock.lock import Lock
from caldp.views.columns import columns
from caldp.views.units import size_text


class Packed(Protocol):
    """A capsule that has been made or verified, as `caldp.reproduction.capsule.Capsule` is."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def lock(self) -> Lock:
        """The lock in it."""

    @property
    def files(self) -> int:
        """Number of files in it."""

    @property
    def payload(self) -> int:
        """Size of its contents; bytes."""

    @property
    def size(self) -> int:
        """Size of the file; bytes."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about it."""


def capsule_text(capsule: Packed) -> str:
    """Describe a capsule for people."""
    lock = capsule.lock
    rows = [
        ("  dataset", f"{lock.dataset}, context {lock.context}"),
        (
            "  contents",
            f"{capsule.files} files, {size_text(capsule.payload)}; the capsule has {size_text(capsule.size)}",
        ),
        ("  inputs", str(len(lock.inputs))),
        ("  references", str(len({one.name for one in lock.references}))),
        ("  engines", ", ".join(f"{one.program} {one.version}".strip() for one in lock.engines)),
        ("  products", f"{len(lock.products)} expected, by digest"),
    ]
    return f"{capsule.path}: whole, all files have their digests\n" + columns(rows)


def capsule_json(capsule: Packed) -> str:
    """Describe a capsule for machines, with its lock."""
    return json.dumps(
        {
            "schema": 1,
            "path": str(capsule.path),
            "files": capsule.files,
            "payload": capsule.payload,
            "size": capsule.size,
            "warnings": list(capsule.warnings),
            "lock": capsule.lock.to_plain(),
        },
        indent=2,
    )
