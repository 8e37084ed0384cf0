"""The exit status of caldp by name, for code that embeds caldp: ``from caldp import exit_codes``.

The names and numbers are contract; see `caldp.domain.exit_codes` for what they mean. Stands in for CALCLOUD's
``exit_codes`` module, with SVM_ERROR, MVM_ERROR and the codes of a run that a signal stopped besides.
"""

from __future__ import annotations

from typing import Final

from caldp.domain.exit_codes import ExitCode, explain, explain_signal, is_memory_error

SUCCESS: Final = ExitCode.SUCCESS
GENERIC_ERROR: Final = ExitCode.GENERIC_ERROR
CMDLINE_ERROR: Final = ExitCode.CMDLINE_ERROR
INPUT_TAR_FILE_ERROR: Final = ExitCode.INPUT_TAR_FILE_ERROR
ASTROQUERY_ERROR: Final = ExitCode.ASTROQUERY_ERROR
STAGE1_ERROR: Final = ExitCode.STAGE1_ERROR
STAGE2_ERROR: Final = ExitCode.STAGE2_ERROR
S3_UPLOAD_ERROR: Final = ExitCode.S3_UPLOAD_ERROR
S3_DOWNLOAD_ERROR: Final = ExitCode.S3_DOWNLOAD_ERROR
BESTREFS_ERROR: Final = ExitCode.BESTREFS_ERROR
CREATE_PREVIEWS_ERROR: Final = ExitCode.CREATE_PREVIEWS_ERROR
SUBPROCESS_MEMORY_ERROR: Final = ExitCode.SUBPROCESS_MEMORY_ERROR
CALDP_MEMORY_ERROR: Final = ExitCode.CALDP_MEMORY_ERROR
CONTAINER_MEMORY_ERROR: Final = ExitCode.CONTAINER_MEMORY_ERROR
OS_MEMORY_ERROR: Final = ExitCode.OS_MEMORY_ERROR
SVM_ERROR: Final = ExitCode.SVM_ERROR
MVM_ERROR: Final = ExitCode.MVM_ERROR
HUNG_UP: Final = ExitCode.HUNG_UP
INTERRUPTED: Final = ExitCode.INTERRUPTED
TERMINATED: Final = ExitCode.TERMINATED

__all__ = [
    "ASTROQUERY_ERROR",
    "BESTREFS_ERROR",
    "CALDP_MEMORY_ERROR",
    "CMDLINE_ERROR",
    "CONTAINER_MEMORY_ERROR",
    "CREATE_PREVIEWS_ERROR",
    "GENERIC_ERROR",
    "HUNG_UP",
    "INPUT_TAR_FILE_ERROR",
    "INTERRUPTED",
    "MVM_ERROR",
    "OS_MEMORY_ERROR",
    "S3_DOWNLOAD_ERROR",
    "S3_UPLOAD_ERROR",
    "STAGE1_ERROR",
    "STAGE2_ERROR",
    "SUBPROCESS_MEMORY_ERROR",
    "SUCCESS",
    "SVM_ERROR",
    "TERMINATED",
    "ExitCode",
    "explain",
    "explain_signal",
    "is_memory_error",
]
