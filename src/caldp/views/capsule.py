"""A capsule, as text or as JSON."""

from __future__ import annotations

import json

from caldp.domain.capsule.capsule import Capsule
from caldp.views.columns import columns
from caldp.views.units import size_text


def capsule_text(capsule: Capsule) -> str:
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


def capsule_json(capsule: Capsule) -> str:
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
