"""Files that others made: errors of libraries over them become errors of ours, in this one place.

Libraries raise what they like over damaged files: astropy alone VerifyError, ValueError, TypeError, KeyError,
IndexError, AttributeError, struct.error and more. No list of them is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from caldp.adapters.support.disk import why
from caldp.domain.errors import CaldpError
from caldp.domain.run.shortage import memory_error

_LONGEST: Final = 160


@contextmanager
def reading_foreign(
    problem: Callable[[Exception], Exception], passing: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Turn errors that libraries raise inside, over a file that others made, into errors of ours.

    Errors of ours pass through, and so does what the file has no part in: a lack of memory, a missing module, and
    every `BaseException`.

    Parameters
    ----------
    problem
        Makes our error from the library's.
    passing
        Further exceptions that pass through.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (CaldpError, ImportError, *passing)) or memory_error(error) is not None:
            raise
        raise problem(error) from error


def in_words(error: Exception) -> str:
    """Say in one line what a library's error means, without a full stop."""
    if isinstance(error, OSError) and error.errno:
        return why(error)
    if isinstance(error, KeyError):
        return f"it lacks {' '.join(map(str, error.args))}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = lines[:1]
    while said and said[-1].endswith(":") and len(said) < len(lines):  # astropy's reports begin with headlines
        said = lines[: len(said) + 1]
    text = " ".join(said).strip().rstrip(".:")
    return text[:_LONGEST] if text else type(error).__name__
