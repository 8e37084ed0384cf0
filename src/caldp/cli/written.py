"""Files that commands write for their user."""

from __future__ import annotations

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; an earlier one of its name is replaced.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    from caldp.domain.errors import UsageError
    from caldp.domain.run.quoting import quoted

    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise UsageError(
            f"{quoted(path)} cannot be written: {(error.strerror or str(error)).lower()}.",
            advice="Check the path and its permissions.",
        ) from error
