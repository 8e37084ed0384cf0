"""CALCLOUD's bucket: every key that caldp and CALCLOUD exchange."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import Attribute, field, frozen

from caldp.calcloud.layout import CalcloudLayout
from caldp.calcloud.message_names import MessageName, MessageType
from caldp.domain.errors import ContractError
from caldp.domain.hst.dataset import AnyDataset, DatasetName, is_dataset_name
from caldp.domain.output.layout import MESSAGES
from caldp.domain.output.location import S3Location, parse_output

CONTEXT_PREFIX: Final = "crds_env_vars/"
"""Prefix of an empty object whose name tells the CRDS context."""

_OUTPUTS: Final = CalcloudLayout()
_DATASET_FOLDER: Final = re.compile(r"(?:control|outputs)/(?P<name>[^/]+)/.*")
_TARBALL: Final = re.compile(r"inputs/(?P<name>[^/]+)\.tar\.gz")


def _without_scheme(bucket: str) -> str:
    return bucket.removeprefix("s3://").rstrip("/")


@frozen
class BucketLayout:
    """The keys of one bucket; each stands in for a path that CALCLOUD puts together itself.

    Attributes
    ----------
    bucket
        The bucket's name; may be given as ``s3://name``.
    """

    bucket: str = field(converter=_without_scheme)

    @bucket.validator
    def _check(self, _attribute: Attribute[str], bucket: str) -> None:
        if parse_output(f"s3://{bucket}") != S3Location(bucket):
            raise ContractError(f"{bucket[:120]!r} is a bucket and a prefix.", advice="Expected the bucket alone.")

    def uri(self, key: str = "") -> str:
        """Return a key's whole address; the bucket's without a key. Stands in for ``S3Io.path``."""
        return str(S3Location(self.bucket, key))

    @property
    def inputs(self) -> str:
        """Input that a job's command names, as in CALCLOUD's ``lambda_submit``."""
        return self.uri("inputs")

    def outputs(self, dataset: AnyDataset) -> str:
        """Return the output that a job's command names; as in CALCLOUD's ``plan._get_resources``."""
        return self.uri(f"outputs/{dataset}")

    def input_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball of inputs; as in CALCLOUD's ``lambda_submit._wait_for_inputs``."""
        return f"inputs/{dataset}.tar.gz"

    def archive_key(self, dataset: AnyDataset) -> str:
        """Return the key of the tarball of products and previews."""
        return _OUTPUTS.archive_key(dataset)

    def log_key(self, dataset: AnyDataset, name: str) -> str:
        """Return the key of a log or metrics file, such as `PROCESS_METRICS`; as in ``model_ingest.Targets``."""
        return _OUTPUTS.log_key(dataset, name)

    def features_key(self, dataset: AnyDataset) -> str:
        """Return the key of the memory model's features; as in CALCLOUD's ``plan.invoke_lambda_predict``."""
        return f"control/{dataset}/{dataset}_MemModelFeatures.txt"

    def control_key(self, dataset: AnyDataset) -> str:
        """Return the key of the job's control data; stands in for CALCLOUD's ``MetadataIo.path``."""
        return f"control/{dataset}/job.json"

    def message_key(self, kind: MessageType, dataset: AnyDataset) -> str:
        """Return the key of a message about a dataset; stands in for CALCLOUD's ``MessageIo.path``."""
        return MessageName(kind, dataset.name).key

    def message_body(self, dataset: AnyDataset) -> str:
        """Return the body of the messages ``processed`` and ``error``: the tarball's address, without a line end."""
        return self.uri(self.archive_key(dataset))


def context_of(keys: Iterable[str]) -> str:
    """Find the CRDS context that the keys under `CONTEXT_PREFIX` name.

    Stands in for the ``aws s3 ls`` of the shell script ``caldp-process``, which takes the first of several.

    Raises
    ------
    ContractError
        Unless exactly one context is named.
    """
    contexts = sorted({name for key in keys if (name := key.removeprefix(CONTEXT_PREFIX)).endswith(".pmap")})
    if len(contexts) != 1:
        raise ContractError(
            f"{CONTEXT_PREFIX} names {len(contexts)} CRDS contexts{': ' if contexts else ''}{', '.join(contexts)}.",
            advice=f"Expected exactly one empty object such as {CONTEXT_PREFIX}hst_1234.pmap.",
        )
    return contexts[0]


def dataset_of(key: str) -> AnyDataset | None:
    """Find the dataset that a key of the bucket belongs to; None if it belongs to none.

    Stands in for CALCLOUD's ``ids`` methods (``InputsIo``, ``OutputsIo``, ``ControlIo``, ``MessageIo``).

    Examples
    --------
    >>> str(dataset_of("inputs/skycell-p2381x06y09.tar.gz"))
    'skycell-p2381x06y09'
    """
    if key.startswith(MESSAGES):
        try:
            return MessageName.parse(key).dataset
        except ContractError:
            return None
    match = _TARBALL.fullmatch(key) or _DATASET_FOLDER.fullmatch(key)
    return DatasetName.parse(match["name"]) if match and is_dataset_name(match["name"]) else None
