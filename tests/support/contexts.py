"""CRDS contexts that tests derive from others: some references are replaced by others."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from pathlib import Path


def copied_cache(cache: Path, directory: Path) -> Path:
    """Make a cache with the same files: mappings and configuration are copied, references are linked to."""
    for part in ("mappings", "config"):
        shutil.copytree(cache / part, directory / part)
        for path in (directory / part).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    references = directory / "references" / "hst"
    references.mkdir(parents=True)
    for path in (cache / "references" / "hst").iterdir():
        (references / path.name).symlink_to(path)
    return directory


def derive_context(cache: Path, old: str, new: str, replaced: Mapping[str, str]) -> str:
    """Write a context in which other files stand in the place of some; return its name.

    Parameters
    ----------
    cache
        The cache; each mapping that changes gets a copy with the number of the new context.
    old, new
        Names of the contexts.
    replaced
        Names of reference files by the names that they replace.
    """
    directory = cache / "mappings" / "hst"
    serial = new.removeprefix("hst_").removesuffix(".pmap")
    renamed = dict(replaced)
    for ending in (".rmap", ".imap", ".pmap"):
        wanted = [directory / old] if ending == ".pmap" else _used(directory, old, ending)
        for path in wanted:
            text = path.read_text()
            changed = re.sub(r"'([\w.]+)'", lambda match: f"'{renamed.get(match[1], match[1])}'", text)
            if changed == text:
                continue
            name = new if ending == ".pmap" else re.sub(r"_[a-z]*\d+(\.[ri]map)$", rf"_{serial}\1", path.name)
            renamed[path.name] = name
            _write(directory / name, changed.replace(path.name, name))
    return new


def _used(directory: Path, context: str, ending: str) -> list[Path]:
    """List the mappings of a kind that a context uses."""
    imaps = re.findall(r"'(hst_\w+\.imap)'", (directory / context).read_text())
    if ending == ".imap":
        return [directory / name for name in imaps]
    texts = [(directory / name).read_text() for name in imaps if (directory / name).is_file()]
    names = [name for text in texts for name in re.findall(r"'(hst_\w+\.rmap)'", text)]
    return [directory / name for name in names if (directory / name).is_file()]


def _write(path: Path, text: str) -> None:
    rest = "".join(line for line in text.splitlines(keepends=True) if "sha1sum" not in line)
    digest = hashlib.sha1(rest.encode(), usedforsecurity=False).hexdigest()
    path.write_text(re.sub(r"('sha1sum'\s*:\s*')[0-9a-f]+", rf"\g<1>{digest}", text))


def reference(cache: Path, name: str) -> Path:
    """Return the path of a reference file that a test may write; a link in its place is removed."""
    path = cache / "references" / "hst" / name
    if path.is_symlink():
        path.unlink()
    return path
