"""The errors of caldp: each class knows its exit code, each instance its advice to the user."""

from __future__ import annotations

from typing import ClassVar, Final

from caldp.domain.exit_codes import STOPS, ExitCode


class CaldpError(Exception):
    """Base of all errors that end a run for a reason that caldp knows.

    Parameters
    ----------
    message
        One sentence for the user: what went wrong, naming the file or value.
    advice
        The user's next step; may be empty.
    exit_code
        Overrides the class's exit code where one failure has several causes.

    Attributes
    ----------
    exit_code : ExitCode
        The process status that this error stands for.
    """

    default_exit_code: ClassVar[ExitCode] = ExitCode.GENERIC_ERROR

    def __init__(self, message: str, *, advice: str = "", exit_code: ExitCode | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.exit_code = self.default_exit_code if exit_code is None else exit_code


class UsageError(CaldpError):
    """The command line, a URI, or a setting cannot be understood."""

    default_exit_code = ExitCode.CMDLINE_ERROR


class InvalidDatasetName(UsageError, ValueError):
    """The text is not the name of an HST dataset."""


class UnsupportedInstrument(UsageError, ValueError):
    """The dataset exists in the archive's naming, but we do not calibrate its instrument."""


class InvalidLocation(UsageError, ValueError):
    """The text is not an input or output location."""


class InvalidSetting(UsageError, ValueError):
    """A profile or an environment variable holds an unknown key or a wrong value."""


class InvalidManifest(UsageError, ValueError):
    """The manifest of a batch names datasets that are none, that come twice, or that the input lacks."""


class InvalidRecord(UsageError, ValueError):
    """A record or request cannot be read: its text is no JSON, or a key is missing or has a wrong value."""


class InvalidLock(UsageError, ValueError):
    """A lock cannot be read, or cannot have been made of a record."""


class InvalidCapsule(UsageError, ValueError):
    """A capsule is damaged or unsafe, or was changed after it was made."""


class ContractError(UsageError, ValueError):
    """A key, message, command or text does not follow the contract with CALCLOUD."""


class InputNotFound(CaldpError, FileNotFoundError):
    """The input location does not exist, or holds nothing for the dataset."""

    # The code's meaning has always been "locating or unpacking the inputs"; files are inputs like a tarball.
    default_exit_code = ExitCode.INPUT_TAR_FILE_ERROR


class InvalidInput(CaldpError, ValueError):
    """A raw file or association table cannot be read or contradicts itself."""

    default_exit_code = ExitCode.STAGE1_ERROR


class InputMismatch(CaldpError):
    """The inputs are not those of the lock."""

    default_exit_code = ExitCode.INPUT_TAR_FILE_ERROR


class InputTarError(CaldpError):
    """The tarball of inputs is missing, damaged, ambiguous or unsafe."""

    default_exit_code = ExitCode.INPUT_TAR_FILE_ERROR


class ArchiveError(CaldpError):
    """MAST has no such data, refuses them, or cannot be reached."""

    default_exit_code = ExitCode.ASTROQUERY_ERROR


class DownloadError(CaldpError):
    """Inputs could not be read from S3."""

    default_exit_code = ExitCode.S3_DOWNLOAD_ERROR


class BestrefsError(CaldpError):
    """Reference files could not be assigned or found."""

    default_exit_code = ExitCode.BESTREFS_ERROR


class CacheIncomplete(BestrefsError):
    """The CRDS cache alone cannot tell the best references. A run that may download could."""


class StageError(CaldpError):
    """An engine failed, or said that it succeeded and did not do the job."""

    default_exit_code = ExitCode.STAGE1_ERROR


class EngineNotFound(StageError, FileNotFoundError):
    """The calibration program is not installed."""


class PreviewError(CaldpError):
    """At least one preview that should exist could not be drawn."""

    default_exit_code = ExitCode.CREATE_PREVIEWS_ERROR


class PublishError(CaldpError):
    """Products, logs or messages could not be put where they belong."""


class UploadError(PublishError):
    """Products, logs or messages could not be put into S3."""

    default_exit_code = ExitCode.S3_UPLOAD_ERROR


class KeyTaken(PublishError):
    """An object is not in the version on which a write was conditional: somebody else was faster."""


class ConditionsUnknown(PublishError):
    """The store does not know conditional writes."""


class DatasetTaken(PublishError):
    """Another run is processing the dataset, or has taken it over."""


class LaunchError(CaldpError):
    """An engine of batches does not take jobs, or does not answer."""


class BatchTaken(CaldpError):
    """Another driver is at work on the batch."""


class WorkDirectoryError(CaldpError):
    """The scratch directory cannot be made or written, or is full."""


class Stopped(BaseException):
    """A signal asked the program to end.

    No `Exception`, so that nothing swallows it: botocore and others catch whatever is one, and try again. Catch it only
    to clean up, and raise it again.

    Parameters
    ----------
    number
        SIGHUP, SIGINT or SIGTERM.

    Attributes
    ----------
    message : str
        One sentence for the user.
    exit_code : ExitCode
        128 and the signal's number.
    """

    def __init__(self, number: int) -> None:
        self.exit_code = STOPS[number]
        self.message = _STOPPED[self.exit_code]
        super().__init__(self.message)


_STOPPED: Final = {
    ExitCode.HUNG_UP: "Stopped: the terminal was closed (SIGHUP).",
    ExitCode.INTERRUPTED: "Stopped by you (Ctrl-C).",
    ExitCode.TERMINATED: "Stopped by the batch system or kill (SIGTERM).",
}
