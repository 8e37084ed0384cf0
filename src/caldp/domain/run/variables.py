"""Environment variables whose names begin as those of caldp: which are known, and which are slips."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from caldp.domain.run.settings import setting_variables

PREFIX: Final = "CALDP_"
OTHERS: Final = frozenset(
    {
        "CALDP_BUILD_VERSION", "CALDP_CLONE", "CALDP_CONFIG", "CALDP_CONTAINER_ENGINE", "CALDP_DOCKER",
        "CALDP_DOCKER_IMAGE", "CALDP_DOCKER_RUN_PARS", "CALDP_IMAGE_REPO", "CALDP_IMAGE_TAG", "CALDP_PROFILE_ENV",
        "CALDP_PYTHON", "CALDP_RULES_AHEAD",
    }
)  # fmt: skip
"""Variables that are no settings of a run: those of images and containers, of installed scripts, and of children."""
_OF_TESTS: Final = ("CALDP_S3_TEST_", "CALDP_TEST_", "CALDP_DRAW_")


def warnings_of(environment: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each variable of an environment that only looks as if caldp read it, with the likely one.

    Parameters
    ----------
    environment
        Names of the variables.
    """
    known = OTHERS | setting_variables().keys()
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known and not name.startswith(_OF_TESTS):
            close = get_close_matches(name, [one for one in known if one.startswith(PREFIX)], n=1, cutoff=0.75)
            guess = f" Did you mean {close[0]}?" if close else ""
            yield f"The environment variable {name} is not one that caldp reads: it has no effect.{guess}"
