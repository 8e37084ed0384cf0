"""Use case: find leftovers of runs, and remove those that no living run owns."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from attrs import frozen

from caldp.app.ports.leftovers import Leftovers
from caldp.domain.errors import CaldpError
from caldp.domain.run.leftovers import Cleaned, Leftover


@frozen
class CleanUp:
    """Cleans directories; built by `caldp.api.clean_up`."""

    leftovers: Leftovers

    def __call__(
        self,
        directories: Sequence[Path],
        *,
        dry_run: bool = False,
        kept: bool = False,
        gone_hosts: Collection[str] = (),
    ) -> tuple[Cleaned, ...]:
        """Find leftovers, and remove those that may go.

        Parameters
        ----------
        directories
            Directories to look in.
        dry_run
            Remove nothing.
        kept
            Scratch directories that a user asked for (``--keep-work``) may go too.
        gone_hosts
            Names of other hosts on which no run lives any more.

        Returns
        -------
        tuple of Cleaned
            By path.
        """
        found = {leftover.path: leftover for leftover in self.leftovers.find(directories)}
        return tuple(
            self._clean(found[path], dry_run=dry_run, kept=kept, gone_hosts=gone_hosts) for path in sorted(found)
        )

    def _clean(self, leftover: Leftover, *, dry_run: bool, kept: bool, gone_hosts: Collection[str]) -> Cleaned:
        if dry_run or not leftover.may_go(kept=kept, gone_hosts=gone_hosts):
            return Cleaned(leftover, leftover.may_go(kept=kept, gone_hosts=gone_hosts))
        try:
            removed = self.leftovers.remove(leftover, kept=kept, gone_hosts=gone_hosts)
        except CaldpError as error:
            return Cleaned(leftover, may_go=True, trouble=error.message)
        return Cleaned(leftover, may_go=removed, removed=removed)
