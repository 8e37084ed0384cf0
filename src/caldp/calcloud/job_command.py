"""The command that CALCLOUD's Batch jobs run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from caldp.calcloud.bucket import BucketLayout
from caldp.domain.errors import ContractError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import InputLocation, OutputLocation, parse_input, parse_output

PROGRAM: Final = "caldp-process"
AWS_CONFIG: Final = "caldp-config-aws"
_DEFAULTS: Final = ("file:.", "file:.", "caldp-config-onsite")


@frozen
class JobCommand:
    """A job's command, ``caldp-process <dataset> <input> <output> <config>``.

    Attributes
    ----------
    config
        Name of the profile, such as ``caldp-config-aws``.
    """

    dataset: AnyDataset
    input: InputLocation
    output: OutputLocation
    config: str = AWS_CONFIG

    @classmethod
    def for_bucket(cls, bucket: str, dataset: AnyDataset) -> JobCommand:
        """Make the command for a dataset whose inputs and outputs lie in CALCLOUD's bucket.

        Stands in for the command in CALCLOUD's ``submit.submit_job`` and the paths in ``plan._get_resources``.
        """
        layout = BucketLayout(bucket)
        return cls(dataset, parse_input(layout.inputs), parse_output(layout.outputs(dataset)))

    @classmethod
    def from_argv(cls, argv: Sequence[str]) -> JobCommand:
        """Read a command; what is left out at its end has the default that ``caldp-process`` gives it.

        Stands in for the indexing of ``command`` in CALCLOUD's ``batch_event_handler``.

        Raises
        ------
        ContractError
            If it is no call of ``caldp-process``.
        InvalidDatasetName, UnsupportedInstrument, InvalidLocation
            If an argument is not what it should be.
        """
        words = list(argv)
        if not 2 <= len(words) <= 5 or words[0].rpartition("/")[2] != PROGRAM:
            raise ContractError(
                f"{' '.join(words)[:200]!r} is not a job's command.",
                advice=f"Expected {PROGRAM} DATASET [INPUT] [OUTPUT] [CONFIG].",
            )
        dataset, source, target, config = words[1:] + list(_DEFAULTS[len(words) - 2 :])
        for location in (source, target):
            if ":" not in location and location != "none":  # a directory's name, which no job can mean
                raise ContractError(
                    f"{location[:200]!r} is not a job's location.", advice="Expected s3://BUCKET/PREFIX."
                )
        return cls(DatasetName.parse(dataset), parse_input(source), parse_output(target), config)

    def to_argv(self) -> tuple[str, ...]:
        """Return the command as words; the ``command`` of a Batch job's container overrides."""
        return (PROGRAM, self.dataset.name, str(self.input), str(self.output), self.config)

    @property
    def bucket(self) -> str:
        """The bucket that the job reads from, else the one that it writes to.

        Raises
        ------
        ContractError
            If it does neither.
        """
        for location in (self.input, self.output):
            if location.bucket:
                return location.bucket
        raise ContractError(f"{' '.join(self.to_argv())!r} names no bucket.")
