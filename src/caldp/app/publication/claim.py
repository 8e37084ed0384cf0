"""Claim of a run on its dataset: taken before anything is written, renewed while it lives, given back at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from caldp.app.ports.listener import Listener
from caldp.app.ports.object_store import ObjectStore, Reading
from caldp.app.process.identity import is_alive
from caldp.domain.errors import ConditionsUnknown, DatasetTaken, KeyTaken, PublishError
from caldp.domain.output.lease import Claimable, Lease, RunIdentity, judge
from caldp.domain.run.events import Level, Note

_TRIES: Final = 20
_RENEWALS: Final = 4  # within a lease, so that three may fail
_LOOKS: Final = 40  # within a lease, while its owner is watched
_PATIENCE: Final = 5.0  # seconds that a renewal under way is waited for at the end


class DatasetClaim:
    """The message *processing* of a dataset, held by one run.

    Who holds it is decided by conditional writes, never by a clock; clocks only tell when to stop waiting for an owner
    that does not renew it any more.

    Parameters
    ----------
    store, key
        Store and key of the message.
    owner
        This run.
    seconds
        Seconds that the claim holds without a renewal.
    tell
        Hears of earlier runs' claims.
    alive, pause
        Functions that look for another run's process, and that wait.
    """

    def __init__(
        self,
        store: ObjectStore,
        key: str,
        owner: RunIdentity,
        seconds: float,
        tell: Listener,
        *,
        alive: Callable[[RunIdentity], bool | None] = is_alive,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.owner = owner
        self.predecessor = ""
        self.took_over = False
        self._store, self._key, self._seconds, self._tell = store, key, seconds, tell
        self._alive, self._pause = alive, pause
        self._body = Lease(owner, seconds).to_bytes()
        self._version: str | None = None
        self._heard = 0.0
        self._lost = ""
        self._conditional = True
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def take(self) -> None:
        """Claim the dataset, and renew the claim from now on.

        Afterwards `took_over` says whether a run that is gone had left its claim, and `predecessor` which.

        Raises
        ------
        DatasetTaken
            If another run holds it and lives.
        PublishError
            If the output cannot be read or written.
        """
        version: str | None = None
        for _ in range(_TRIES):
            try:
                self._version = self._put(version)
                break
            except KeyTaken:
                found = self._store.read(self._key)
                version = None if found is None else self._judged(found)
        else:
            raise DatasetTaken(f"{self._store.locate(self._key)} keeps changing.", advice="Run it again later.")
        self._heard = _now()
        self._thread = threading.Thread(target=self._keep, name="caldp-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raise `DatasetTaken` if the claim is lost; asks the store only if it has not been renewed in time."""
        if not self._lost and _now() - self._heard < self._seconds:
            return
        self.confirm()

    def confirm(self) -> None:
        """Ask the store whether the claim still holds, and renew it.

        Raises
        ------
        DatasetTaken
            If another run has it.
        PublishError
            If the store does not say.
        """
        with self._lock:
            self._renew()
        if self._lost:
            raise DatasetTaken(
                f"The dataset has been taken over by {self._lost}: this run's claim ran out, or was deleted.",
                advice="Nothing more is written to that run's output. This run's products are in its work directory.",
            )

    def release(self) -> None:
        """Give the claim back, if this run has it; no error is raised."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        found = self._store.read(self._key)
        if found is not None and found.data == self._body:
            self._store.delete(self._key)

    def stop(self) -> None:
        """Renew the claim no more, and leave the message where it is."""
        self._ended.set()

    def _keep(self) -> None:
        while not self._ended.wait(self._seconds / _RENEWALS):
            try:
                with self._lock:
                    self._renew()
            except PublishError:  # next time, perhaps; `check` and `confirm` go by what is true then
                continue

    def _renew(self) -> None:
        if self._lost:
            return
        for _ in range(_TRIES):
            try:
                self._version = self._put(self._version)
            except KeyTaken:
                found = self._store.read(self._key)
                if found is not None and found.data != self._body:
                    lease = Lease.parse(found.data)
                    self._lost = str(lease.owner) if lease else "a run without a name"
                    return
                if found is None and self._ended.is_set():
                    return
                self._version = None if found is None else found.version
            else:
                self._heard = _now()
                return

    def _put(self, version: str | None) -> str:
        if self._conditional:
            try:
                return self._store.put_if(self._key, self._body, version)
            except ConditionsUnknown as error:
                self._conditional = False
                self._tell(Note(f"{error.message} Two runs that begin at once are noticed only later.", Level.WARNING))
        found = self._store.read(self._key)
        if (None if found is None else found.version) != version:
            raise KeyTaken(f"{self._store.locate(self._key)} has been changed by another.")
        self._store.put_bytes(self._key, self._body)
        found = self._store.read(self._key)
        if found is None or found.data != self._body:
            raise KeyTaken(f"{self._store.locate(self._key)} has been changed by another.")
        return found.version

    def _judged(self, found: Reading) -> str | None:
        """Return the version that may be taken over; None if there is nothing to take over any more."""
        told, oldest = False, found.age
        while found.data != self._body:
            lease = Lease.parse(found.data)
            finding = judge(lease, found.age, self.owner, None if lease is None else self._alive(lease.owner))
            name = f"{self._store.locate(self._key)} " if lease is None else f"{lease.owner} "
            if finding.claimable is Claimable.YES:
                self.took_over, self.predecessor = True, lease.owner.run if lease else ""
                self._tell(Note(f"Taking over: {name}{finding.why}.", Level.WARNING))
                break
            if lease is None or finding.claimable is Claimable.NO or found.age < oldest:
                raise self._refusal(name, lease, found.age)
            if not told:
                self._tell(Note(f"{name}{finding.why}; waiting {lease.seconds:.0f} s at most for a sign of life."))
            told, oldest = True, found.age
            self._pause(lease.seconds / _LOOKS)
            again = self._store.read(self._key)
            if again is None:
                return None
            if again.data != found.data:
                oldest = again.age
            found = again
        return found.version

    def _refusal(self, name: str, lease: Lease | None, age: float) -> DatasetTaken:
        left = max(0.0, (lease.seconds if lease else 0.0) - age)
        return DatasetTaken(
            f"The dataset is being processed by {name.strip()}; its claim was renewed {age:.0f} s ago "
            f"and holds for {left:.0f} s more.",
            advice="Nothing was touched. Wait for that run, or end it: its claim is free at once on the same machine, "
            "and elsewhere when it has run out.",
        )


def _now() -> float:
    """Return seconds that also count while the machine sleeps, where the system has such a clock."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
