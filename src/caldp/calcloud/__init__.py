"""Contract of CALCLOUD and caldp, as a library: names, keys, messages, commands, metrics and decisions.

Loads the standard library and attrs only, and does no I/O: it fits into the smallest lambda. What changes here and
how is said in the documentation, under "The contract with CALCLOUD".
"""

from __future__ import annotations

from caldp.calcloud.batch_definition import JobImage, job_definition
from caldp.calcloud.bucket import CONTEXT_PREFIX, BucketLayout, context_of, dataset_of
from caldp.calcloud.datasets import INSTRUMENT_LETTERS, dataset_kind, instrument_name
from caldp.calcloud.failures import FailureDecision, JobControl, JobOutcome, RetryLimits, decide
from caldp.calcloud.features import MemoryFeatures
from caldp.calcloud.job_command import JobCommand
from caldp.calcloud.message_names import MessageName, MessageType, expand
from caldp.calcloud.targets import RUNGS, JobTargets, Rung, combine, memory_bin, rung_of
from caldp.domain.errors import CaldpError, ContractError
from caldp.domain.exit_codes import ExitCode, explain, explain_signal, is_memory_error
from caldp.domain.hst.dataset import AnyDataset, DatasetName, Ipppssoot, MvmSkycell, SvmVisit, is_dataset_name
from caldp.domain.output.layout import PREVIEW_LOG, PREVIEW_METRICS, PROCESS_LOG, PROCESS_METRICS
from caldp.domain.run.usage import ResourceUsage, TimedCommand, gnu_time_text, parse_gnu_time

__all__ = [
    "CONTEXT_PREFIX",
    "INSTRUMENT_LETTERS",
    "PREVIEW_LOG",
    "PREVIEW_METRICS",
    "PROCESS_LOG",
    "PROCESS_METRICS",
    "RUNGS",
    "AnyDataset",
    "BucketLayout",
    "CaldpError",
    "ContractError",
    "DatasetName",
    "ExitCode",
    "FailureDecision",
    "Ipppssoot",
    "JobCommand",
    "JobControl",
    "JobImage",
    "JobOutcome",
    "JobTargets",
    "MemoryFeatures",
    "MessageName",
    "MessageType",
    "MvmSkycell",
    "ResourceUsage",
    "RetryLimits",
    "Rung",
    "SvmVisit",
    "TimedCommand",
    "combine",
    "context_of",
    "dataset_kind",
    "dataset_of",
    "decide",
    "expand",
    "explain",
    "explain_signal",
    "gnu_time_text",
    "instrument_name",
    "is_dataset_name",
    "is_memory_error",
    "job_definition",
    "memory_bin",
    "parse_gnu_time",
    "rung_of",
]
