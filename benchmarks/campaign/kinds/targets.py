"""Targets of tries: a directory or a bucket, in either layout, empty or with an earlier good dataset."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from benchmarks.campaign.attempt import Ended, Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.outputs import DirectoryOutput, Output
from benchmarks.campaign.world import LAYOUTS, World, s3_variables


@frozen
class Target:
    """Output of a try.

    Attributes
    ----------
    output
        The place.
    layout
        tree or calcloud.
    earlier
        Objects that an earlier good run had published there; None if there was none.
    exports
        Variables that a run needs in its environment.
    """

    output: Output
    layout: str
    earlier: Mapping[str, bytes] | None
    exports: Mapping[str, str]

    @property
    def arguments(self) -> tuple[str, str, str]:
        """Arguments that name it on the command line, after the input."""
        return self.output.address, "--layout", self.layout

    def judge(self, attempt: Try, ended: Ended, *, must_succeed: bool = False) -> bool:
        """Judge a run that was given the subject's own inputs; see `judging.judge`."""
        previews = self.exports.get("CALDP_PREVIEWS") == "1"
        return judge(
            attempt, self.output, ended, layout=self.layout, earlier=self.earlier, must_succeed=must_succeed,
            previews=previews,
        )  # fmt: skip


def choose_target(attempt: Try, world: World, *, buckets: float = 0.0, previews: float = 0.0) -> Target:
    """Choose where a try publishes.

    Parameters
    ----------
    attempt, world
        The try, and what all share.
    buckets
        Probability of a bucket.
    previews
        Probability of previews.
    """
    chance = attempt.chance
    layout = chance.choice(LAYOUTS)
    exports: dict[str, str] = {}
    output: Output = DirectoryOutput(attempt.place / "out")
    if chance.random() < buckets:
        output = world.bucket(attempt)
        exports |= s3_variables(world.s3())
    if chance.random() < previews:
        exports["CALDP_PREVIEWS"] = "1"
    earlier = world.good[attempt.subject.dataset].objects[layout] if chance.random() < 0.5 else None
    if earlier is not None:
        output.put(earlier)
    attempt.tell(f"{layout} in {output.address}, {'over a good dataset' if earlier else 'empty'}")
    return Target(output, layout, earlier, exports)
