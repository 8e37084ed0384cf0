"""Known causes of engine failures: patterns of their logs, and the codes of HSTCAL."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from caldp.domain.run.shortage import NO_LIBRARY, NO_THREAD

MEMORY: Final = re.compile(
    r"MemoryError\b|Memory allocation still failed|Cannot allocate memory|std::bad_alloc|Out of memory\."
    r"|No memory left to allocate|Allocation problem\.|status = 11[18]\b"
    rf"|{NO_LIBRARY.pattern}|{NO_THREAD.pattern}"
)
"""Complaints about a lack of memory: Python, OpenBLAS, the C library, C++, HSTCAL (codes 111 and 118), the loader."""


@frozen
class Cause:
    """A cause that an engine's log gives away.

    Attributes
    ----------
    pattern
        Pattern of the log; its groups fill the message and the advice.
    message, advice
        Meaning of the pattern, and the user's next step.
    """

    pattern: re.Pattern[str]
    message: str
    advice: str


CAUSES: Final = (
    Cause(
        re.compile(r"(?P<key>[A-Z0-9_]+) [`']N/A' not found"),
        "it needs a {key}, and the CRDS context assigns none (N/A)",
        "Choose a CRDS context that has a {key} for this exposure (CRDS_CONTEXT).",
    ),
    Cause(
        re.compile(r"(?P<key>[A-Z0-9_]+) [`'](?P<file>[^`']+)' not found or can(?:'t| ?not) (?:be )?open"),
        "the reference file {file} ({key}) is missing or cannot be opened",
        "Check that the CRDS cache holds it.",
    ),
    Cause(
        re.compile(r"The following reference files? (?:is|are) missing:\n(?P<key>\w+) ?= ?(?P<file>\S+)"),
        "the reference file {file} ({key}) is missing",
        "Check that the CRDS cache holds it, and that the CRDS context assigns it.",
    ),
    Cause(
        re.compile(r"Output file [`'](?P<file>[^`']+)' already exists"),
        "{file}, which it wants to write, exists already",
        "Start from an empty work directory.",
    ),
    Cause(
        re.compile(r"output files? already exists?|status = 1021\b"),
        "a file that it wants to write exists already",
        "Start from an empty work directory.",
    ),
    Cause(
        re.compile(r"No space left on device|Disk quota exceeded|Not enough free space to write"),
        "the disk is full",
        "Make room, or set CALDP_HOME to a directory on a larger disk.",
    ),
    Cause(
        # numpy and CFITSIO (106: error writing to the file) say no more, of a full disk too
        re.compile(r"File too large|\d+ requested and \d+ written|CFITSIO status 106"),
        "it could not write a file to its end",
        "Make room in the scratch directory (CALDP_HOME), or allow larger files (ulimit -f).",
    ),
    Cause(
        re.compile(r"dummy pedigree in (?P<key>\w+) row"),
        "the row of {key} for this exposure is a dummy",
        "Choose a CRDS context whose {key} knows the exposure's mode (CRDS_CONTEXT), or override {key} with a file of"
        " your own.",
    ),
    Cause(
        re.compile(r"Missing row in (?P<key>\w+)"),
        "{key} has no row for this exposure",
        "Choose a CRDS context whose {key} knows the exposure's mode (CRDS_CONTEXT), or leave out the step with it.",
    ),
    Cause(
        re.compile(r"(?P<step>[A-Z0-9]+CORR) not performed due to missing row"),
        "a reference table has no row for this exposure, and it leaves out {step}",
        "Choose a CRDS context that knows the exposure's mode (CRDS_CONTEXT), or set {step} to OMIT.",
    ),
    Cause(
        re.compile(r"Cannot extract\."),
        "it found no spectrum to extract",
        "Look in the log for the position of the search, and in the exposure for its target.",
    ),
    Cause(
        re.compile(r"values not consistent with ASN table"),
        "CRCORR or RPTCORR of the first exposure contradicts the association table",
        "Fetch the dataset again; if the archive has it so, correct the switch or the table.",
    ),
    Cause(
        re.compile(r"Max retries exceeded|Connection(?:Error| refused)|Temporary failure in name resolution"),
        "it could not reach the network",
        "Run it again; with CALDP_ASTROMETRY=off it works without MAST.",
    ),
)

HSTCAL_CODES: Final = {
    114: "it could not open a file",
    115: "a reference file is missing or invalid",
    117: "a keyword is missing in a header",
    119: "a header cannot be read or written",
    120: "the sizes of two images do not match",
    121: "it could not read or write a file",
    130: "a step that must come before was not done",
    141: "a reference table cannot be used",
    142: "a reference table lacks a column",
    143: "an element of a reference table cannot be read",
    144: "no row of a reference table matches the exposure",
    151: "all data are flagged as bad",
    171: "a reference image is binned more than the exposure",
}
"""Meanings of HSTCAL's codes, as exit status or in the last line of a trailer; source: its ``hstcalerr.h``."""
OUT_OF_MEMORY: Final = 111
"""HSTCAL's code for a lack of memory."""
