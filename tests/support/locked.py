"""A lock, and the record that it is made from."""

from __future__ import annotations

from typing import Final

from caldp.domain.hst.digests import HduDigest
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.recorded import RecordedFile, RecordedReference, RecordedRun

HDUS: Final = (HduDigest("", 1, "h", "d"), HduDigest("SCI", 1, "h", "e"))

RECORDED: Final = RecordedRun(
    "20261126T050000Z-00000001",
    "lsim01010",
    0,
    input="file:/home/someone/inputs",
    request={
        "settings": {
            "previews": True, "csys_ver": "1", "awsdpver": "2", "awsysver": "3", "astrometry": "auto",
            "crds_path": "/grp/crds/cache",
            "engine_environment": {"HLA_CLASSIC_BASEPATH": "/home/someone"},
        },
    },
    context="hst_0001.pmap",
    versions={"caldp": "1.0", "python": "3.12.1", "crds": "13.1"},
    inputs=(RecordedFile("lsim01a1q_rawtag.fits", 5, "2" * 64), RecordedFile("lsim01010_asn.fits", 5, "1" * 64)),
    prepared=(
        RecordedFile("lsim01a1q_rawtag.fits", 5, "9" * 64, switches={"FLATCORR": "PERFORM", "BRSTCORR": "OMIT"}),
        RecordedFile("lsim01010_asn.fits", 5, "1" * 64),
    ),
    products=(
        RecordedFile("lsim01a1q_x1d.fits", 5, "3" * 64, HDUS),
        RecordedFile("lsim01010_x1dsum.fits", 5, "4" * 64, HDUS),
        RecordedFile("lsim01a1q.tra", 5, "5" * 64),
    ),
    references=(
        RecordedReference(
            "FLUXTAB", "own_phot.fits", ("lsim01a1q_rawtag.fits",), "/home/someone/own_phot.fits", "6" * 64
        ),
        RecordedReference("FLATFILE", "sim_flat.fits", ("lsim01a1q_rawtag.fits",), "", "7" * 64),
    ),
    not_applicable={"lsim01a1q_rawtag.fits": ("TRACETAB", "BRSTTAB")},
    programs=(EngineIdentity("calcos", "/home/someone/bin/calcos", "3.6.2", "abc", "8" * 64),),
    environment={
        "PATH": "/home/someone/bin", "OMP_NUM_THREADS": "2", "ASTROMETRY_APPLY_APRIORI": "off",
        "ASTROMETRY_SERVICE_URL": "https://someone.example.org", "MALLOC_ARENA_MAX": "2",
    },
)  # fmt: skip
"""A record with paths of a machine, and with all that a lock takes."""
