"""Real runastrodriz without servers of astrometry: a whole product, at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from astropy.io import fits

from tests.support.astrometry_server import at
from tests.support.records import read_record
from tests.support.site import Site

pytestmark = [pytest.mark.shared_data, pytest.mark.engines, pytest.mark.hstcal]


def test_an_association_is_drizzled_without_a_pause(shared_hst: Path, tmp_path: Path) -> None:
    exports = {"CRDS_PATH": str(shared_hst / "crds_cache"), "CRDS_CONTEXT": "hst_0729.pmap", "CALDP_PREVIEWS": "0"}
    site = Site(tmp_path, {**exports, **at("http://127.0.0.1:9")})
    done = site.run("process", "jbz504010", f"file:{shared_hst / 'inputs'}", "file:out")
    assert done.returncode == 0, done.stderr
    assert "Retrying in" not in done.stderr
    home = tmp_path / "out" / "data" / "acs" / "jbz504010"
    assert "AstrometryDB" not in (home / "jbz504010.tra").read_text()
    record = read_record(home / "logs" / "record.json")
    assert sum("Better astrometry is left out" in note for note in record["notes"]) == 1
    # The distortion of the IDCTAB, and no catalogue in the name.
    assert fits.getval(home / "jbz504011_drz.fits", "WCSNAME", 1) == "IDC_v6m2008mj"
