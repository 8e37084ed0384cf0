"""Options and arguments that commands of batches have in common."""

from __future__ import annotations

import re
from typing import Annotated, Final

import typer

from caldp.domain.errors import UsageError

Output = Annotated[str, typer.Argument(help="Output of the batch: a directory or s3://bucket/prefix.")]
Batch = Annotated[str | None, typer.Argument(help="Id of the batch; default: the latest.")]
Profile = Annotated[str, typer.Option(help="Profile that says how S3 is reached.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Datasets at the same time; default: one a core.")]
Memory = Annotated[
    str | None,
    typer.Option(metavar="LIMIT", help="Memory of all together, such as 12GB; default: 90 % of what there is."),
]
MaxRetries = Annotated[
    int | None,
    typer.Option(
        min=0, help="Further attempts after a failure; default: 2 after those of servers. Usage errors have none."
    ),
]

EngineName = Annotated[str, typer.Option("--engine", help="local: this machine; slurm, aws-batch: job arrays; parsl.")]
SubmitOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OPTION", help="Option of sbatch (--partition=long), AWS Batch (queue=NAME) or Parsl (config=FILE.py)."
    ),
]

_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(|[kmgt]i?b?)", re.IGNORECASE)
_MIB: Final = {"": 1.0, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2}


def memory_mib(text: str | None) -> int | None:
    """Read an amount of memory, such as ``12GB`` or ``4096`` (MiB); None for none.

    Raises
    ------
    UsageError
        If it is none.
    """
    if text is None:
        return None
    match = _SIZE.fullmatch(text.strip())
    size = float(match[1]) * _MIB[match[2][:1].lower()] if match else 0.0
    if size < 1:
        raise UsageError(f"--memory {text[:80]!r} is no amount of memory.", advice="For example 12GB, or 4096 for MiB.")
    return int(size)
