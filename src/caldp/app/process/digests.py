"""Digests of a run's files, made in threads beside other work."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

from caldp.app.calibration.signature import GONE, Signature, signature_of
from caldp.app.ports.fits_files import FitsFiles
from caldp.domain.hst.digests import FileDigest


class Digests:
    """Digests of files by path and signature: a file that was written again is digested again.

    Parameters
    ----------
    fits
        Digests a file.
    threads
        Number of files digested at once.
    """

    def __init__(self, fits: FitsFiles, threads: int = 2) -> None:
        self._fits = fits
        self._pool = ThreadPoolExecutor(threads, "caldp-digest")
        self._futures: dict[tuple[Path, Signature], Future[FileDigest | None]] = {}
        self._is_open = True

    def begin(self, paths: Iterable[Path]) -> None:
        """Digest files as soon as a thread is free; the same one once."""
        for path in paths:
            self._future(path)

    def of(self, path: Path) -> FileDigest | None:
        """Return the digest of a file, waiting for it. None if it cannot be read, or was given up."""
        future = self._future(path)
        if future is None or not (self._is_open or future.done()):
            return None
        try:
            return future.result()
        except (CancelledError, MemoryError):
            return None

    def give_up(self) -> None:
        """Begin nothing any more and wait for nothing; what is done stays known."""
        self._is_open = False
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _future(self, path: Path) -> Future[FileDigest | None] | None:
        signature = signature_of(path)
        key = (path, signature)
        if key not in self._futures and self._is_open and signature != GONE:
            self._futures[key] = self._submit(path)
        return self._futures.get(key)

    def _submit(self, path: Path) -> Future[FileDigest | None]:
        try:
            return self._pool.submit(self._fits.digest, path)
        except RuntimeError:  # the system has no thread left
            done = Future[FileDigest | None]()
            done.set_result(self._fits.digest(path))
            return done
