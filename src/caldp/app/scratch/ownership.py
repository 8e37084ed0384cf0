"""Directories owned by a run: a lock that dies with its process, and a note of the owner."""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from attrs import define

from caldp.app.kernel import boot_id
from caldp.domain.run.leftovers import Machine, Owner, OwnerState

OWNER_FILE: Final = ".caldp-owner.json"
"""The note in a directory that a run owns, and the file that it holds locked."""
_LONGEST_NOTE: Final = 65536


def this_machine() -> Machine:
    """Identify this machine."""
    return Machine(socket.gethostname(), boot_id())


@define
class Claim:
    """A process's hold on a directory; make one with `take`.

    The lock is the kernel's (``flock``): it goes when the process ends, however it ends. Where the file system has
    no locks, the note alone says whose the directory is.

    Attributes
    ----------
    directory
        The directory.
    owner
        Owner that its note names.
    """

    directory: Path
    owner: Owner
    _descriptor: int

    @classmethod
    def take(cls, directory: Path, *, dataset: str = "", run: str = "") -> Self:
        """Claim a directory that was made for this process.

        Parameters
        ----------
        directory
            The directory.
        dataset, run
            Dataset that is processed in it, and identity of the run.

        Raises
        ------
        OSError
            If the note cannot be written.
        """
        started = datetime.now(UTC).isoformat(timespec="seconds")
        owner = Owner(this_machine(), os.getpid(), started, dataset, run)
        descriptor = os.open(directory / OWNER_FILE, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        claim = cls(directory, owner, descriptor)
        try:
            with suppress(OSError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            claim.note(owner.state)
        except BaseException:
            claim.release()
            raise
        return claim

    def note(self, state: OwnerState) -> None:
        """Note another state.

        Raises
        ------
        OSError
            If the note cannot be written.
        """
        self.owner = self.owner.noting(state)
        text = self.owner.to_json().encode()
        os.pwrite(self._descriptor, text, 0)
        os.ftruncate(self._descriptor, len(text))

    def release(self) -> None:
        """Let go of the directory; may be called more than once."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def remove(self) -> None:
        """Remove the directory, the note last, and let go; what cannot be removed is left."""
        remove_owned(self.directory)
        self.release()


def remove_owned(directory: Path, only: Collection[str] = ()) -> None:
    """Remove a directory as far as possible, and its note last: it tells the owner of the rest.

    Parameters
    ----------
    directory
        The directory.
    only
        Names in it that may be removed; by default all.
    """
    with suppress(OSError):
        for entry in list(directory.iterdir()):
            if entry.name == OWNER_FILE or (only and entry.name not in only):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with suppress(OSError):
                    entry.unlink()
        if {entry.name for entry in directory.iterdir()} <= {OWNER_FILE}:
            (directory / OWNER_FILE).unlink(missing_ok=True)
            directory.rmdir()


@contextmanager
def owned_temporary(prefix: str) -> Iterator[Path]:
    """Give out a directory of this process among the system's temporary files; it is removed afterwards."""
    directory = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        claim = Claim.take(directory)
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise
    try:
        yield directory
    finally:
        claim.remove()


def read_owner(directory: Path) -> Owner | None:
    """Read the note in a directory; None if there is none that can be read, or it is no plain file."""
    try:
        descriptor = os.open(directory / OWNER_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return Owner.from_json(os.read(descriptor, _LONGEST_NOTE).decode("utf-8", errors="replace"))
    except OSError:
        return None
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[bool | None]:
    """Take the lock of a file for a while.

    Yields False if another process holds it, and None if the file system has no locks.

    Raises
    ------
    OSError
        If the file cannot be opened, or is a symbolic link.
    """
    flags = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, os.O_RDWR | flags)  # NFS gives the lock only to those who may write
    except PermissionError:
        descriptor = os.open(path, os.O_RDONLY | flags)
    try:
        taken: bool | None = True
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            taken = False
        except OSError:
            taken = None
        yield taken
    finally:
        os.close(descriptor)


def is_alive(pid: int) -> bool:
    """Tell whether this machine has a process of a number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
