"""Questions that are asked of every try afterwards, whatever its kind."""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from benchmarks.campaign.attempt import Ended, Finding, Try
from benchmarks.campaign.oracle import faults_of
from benchmarks.campaign.outputs import Output, Published, published


def judge(
    attempt: Try,
    output: Output,
    ended: Ended,
    *,
    layout: str = "tree",
    inputs: Path | None = None,
    earlier: Mapping[str, bytes] | None = None,
    must_succeed: bool = False,
    previews: bool = False,
    reachable: bool = True,
) -> bool:
    """Look at an output after a run, and note what is wrong.

    Parameters
    ----------
    attempt
        The try.
    output
        Output of the run.
    ended
        End of the run.
    layout
        tree or calcloud.
    inputs
        Inputs of the run; by default the subject's own.
    earlier
        Objects that a good run had published there before; None if there was none.
    must_succeed
        True if nothing excuses a failure.
    previews
        True if previews were to be drawn.
    reachable
        True if the output could be written to until the end.

    Returns
    -------
    bool
        True if a whole dataset lies there under *processed*.
    """
    try:
        found = published(output.objects(), attempt.subject.dataset, layout)
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        attempt.find(Finding.FALSE if ended.status == 0 else Finding.SPOILED, f"the tarball is damaged: {error}")
        return False
    said = "processed" in found.states
    old = earlier is not None and _is_of(found, published(earlier, attempt.subject.dataset, layout))
    faults = faults_of(attempt.subject, found, None if old else inputs, previews=previews and not old)
    if ended.status == 0 and (not said or old):
        attempt.find(Finding.FALSE, f"status 0, but {'the files are of the earlier run' if old else 'not processed'}")
    if said and faults:
        attempt.find(Finding.FALSE, "; ".join(faults[:4]))
    if earlier is not None and ended.status != 0:
        if faults and not said:
            attempt.find(Finding.SPOILED, "; ".join(faults[:4]))
        elif not said and not ended.killed:
            attempt.find(Finding.SPOILED, f"the good dataset is called {', '.join(sorted(found.states)) or 'nothing'}")
    if reachable and "processing" in found.states and not ended.killed and ended.status is not None:
        attempt.find(Finding.OTHER, "the message stays processing")
    if must_succeed and ended.status != 0:
        attempt.find(Finding.OTHER, f"failed without need, status {ended.status}: {ended.text[-600:]}")
    return said and not faults


def _is_of(found: Published, earlier: Published) -> bool:
    """Tell whether the log is an earlier run's: it alone is written anew by every run."""
    return found.logs.get("process.txt") == earlier.logs.get("process.txt")
