"""Gate for the members of a tarball from untrusted hands."""

from __future__ import annotations

import tarfile
from pathlib import PurePosixPath

from attrs import define, field, frozen

from caldp.domain.errors import InputTarError


@frozen
class TarLimits:
    """Limits of a tarball; more is taken for an attack or an accident.

    Attributes
    ----------
    files
        Number of members.
    total_bytes
        Size of all members, unpacked; bytes.
    """

    files: int = 10_000
    total_bytes: int = 64 << 30


@define
class Gate:
    """Lets a tarball's members pass one after the other, or refuses with the reason.

    Attributes
    ----------
    limits
        Limits of all of them together.
    """

    limits: TarLimits
    _names: set[str] = field(factory=set, init=False)
    _members: int = field(default=0, init=False)
    _bytes: int = field(default=0, init=False)

    @property
    def members(self) -> int:
        """Number of members until now."""
        return self._members

    def admit(self, member: tarfile.TarInfo) -> str | None:
        """Return the plain lower-case name that a member is to have; None for a directory.

        Raises
        ------
        InputTarError
            If the member, or all until now together, cannot be accepted; the message is a clause about "it".
        """
        shown = repr(member.name[:100])
        self._count(member, shown)
        path = PurePosixPath(member.name)
        if path.is_absolute() or ".." in path.parts:
            raise InputTarError(f"its member {shown} would lie outside of the work directory")
        if member.isdir():
            return None
        if not member.isreg() or member.issparse():
            raise InputTarError(f"its member {shown} is no plain file but a {_kind(member)}")
        if not (path.name and path.name.isascii() and member.name.isprintable()):
            raise InputTarError(f"its member {shown} has a name with unusual characters")
        return self._unique(path.name.lower(), shown)

    def _count(self, member: tarfile.TarInfo, shown: str) -> None:
        if member.size < 0:
            raise InputTarError(f"its member {shown} has a size of {member.size} bytes")
        self._members += 1
        self._bytes += member.size
        if self._members > self.limits.files:
            raise InputTarError(f"it has more than {self.limits.files} members (CALDP_TAR_MAX_FILES)")
        if self._bytes > self.limits.total_bytes:
            raise InputTarError(f"unpacked it is larger than {self.limits.total_bytes} bytes (CALDP_TAR_MAX_BYTES)")

    def _unique(self, name: str, shown: str) -> str:
        if name in self._names:
            raise InputTarError(f"its member {shown} has the same name as another, but for directories and case")
        self._names.add(name)
        return name


def _kind(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return f"link to {member.linkname[:100]!r}"
    if member.issparse():
        return "sparse file"
    return "device, pipe or other special file"
