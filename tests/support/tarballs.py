"""Tarballs, good and bad, as bytes."""

import io
import tarfile
from collections.abc import Iterable, Mapping


def tarball(files: Mapping[str, bytes], mode: str = "w:gz") -> bytes:
    """Pack files."""
    return packed(((plain(name, len(data)), data) for name, data in files.items()), mode)


def packed(members: Iterable[tuple[tarfile.TarInfo, bytes]], mode: str = "w:gz") -> bytes:
    """Pack members with any header."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for member, data in members:
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def plain(name: str, size: int = 0) -> tarfile.TarInfo:
    """Make the header of a plain file."""
    member = tarfile.TarInfo(name)
    member.size = size
    return member


def contents(data: bytes) -> dict[str, bytes]:
    """Return what a ``.tar.gz`` holds, in its order; its members must be plain files."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
        found = {}
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None, member.name
            found[member.name] = file.read()
        return found
