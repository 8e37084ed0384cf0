"""Contexts that lie as pickles in a bucket or a cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import define, field

from caldp.adapters.references.catalogue import patiently, reason
from caldp.domain.run.events import Event, Note

if TYPE_CHECKING:
    from crds.core.rmap import PipelineContext

_PLACE: Final = "The place of the pickle of"


@define
class Pickles:
    """Loads pickles in the place of CRDS's own function.

    That one reads the bucket anew each time, and takes one broken connection for a context that does not exist.

    Attributes
    ----------
    attempts
        Number of requests for a pickle while the trouble may pass.
    tell
        Hears of trouble that passes.
    trouble
        A sentence about the last pickle that could not be loaded.
    """

    attempts: int
    tell: Callable[[Event], None]
    trouble: str = field(default="", init=False)
    _loaded: dict[str, PipelineContext] = field(factory=dict, init=False)
    _failed: dict[str, Exception] = field(factory=dict, init=False)
    _load: Callable[[str], PipelineContext] = field(init=False)

    def install(self) -> None:
        """Let CRDS load pickles here, in this whole process."""
        from crds.core import heavy_client

        self._load = heavy_client.load_pickled_mapping
        heavy_client.load_pickled_mapping = self.load

    def load(self, context: str) -> PipelineContext:
        """Return a context, the first time from its pickle; errors of CRDS, boto3 and of unpickling pass through.

        What failed once fails at once: CRDS asks several times, and none is to wait again.
        """
        if context in self._failed:
            raise self._failed[context]
        if context not in self._loaded:
            place = f"{_PLACE} {context}"
            try:
                self._loaded[context] = patiently(
                    partial(self._load, context), self.attempts, lambda why: self.tell(Note(f"{place} {why}"))
                )
            except Exception as error:
                self.trouble = f"{place} {reason(error)}."
                self._failed[context] = error
                raise
        return self._loaded[context]
