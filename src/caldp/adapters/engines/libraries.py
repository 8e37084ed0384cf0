"""Libraries of the engines that are written in Python, and variables that these do not read."""

from __future__ import annotations

from typing import Final

from caldp.domain.run.engine_environment import REFERENCE_VARIABLES
from caldp.domain.run.engine_variables import ENGINE_VARIABLES

CALIBRATION_PACKAGES: Final = (
    "calcos", "drizzlepac", "stwcs", "stsci", "fitsblender", "stregion", "spherical_geometry", "tweakwcs", "costools",
)  # fmt: skip
"""Packages that each run imports for itself, which takes some hundredths of a second.

When they are imported, calcos 3.6 reads the command's arguments (``main(args=sys.argv[1:])``), drizzlepac 3.11
ASTRODRIZ_NO_PARALLEL (`drizzlepac.util`), ASTROMETRIC_CATALOG_URL (`haputils.astrometric_utils`) and the working
directory (`haputils.diagnostic_json_harvester`), stsci.tools 4.3 the working directory and HOME (`irafglobals`), and
stwcs 1.7 GSSS_WEBSERVICES_URL.
"""

_DRIZZLEPAC: Final = (
    "numpy", "astropy.io.fits", "astropy", "astropy.utils", "packaging.version", "astropy.wcs", "requests",
    "lxml.etree", "astropy.coordinates", "astropy.nddata.bitmask", "astropy.time", "scipy.ndimage",
    "scipy.spatial.distance", "matplotlib.path", "matplotlib.pyplot", "astropy.table", "PIL.ImageDraw",
    "simplify_polyline", "numpy.ma", "scipy.signal", "pyparsing", "scipy.stats", "astropy.io.ascii",
    "astropy.convolution", "astropy.stats", "astropy.visualization.mpl_normalize", "astropy.modeling.fitting",
    "photutils.segmentation", "photutils.psf", "photutils.detection", "photutils.background", "gwcs.geometry",
    "skimage.transform.hough_transform", "skimage.feature._canny", "scipy.signal.windows", "sklearn.cluster",
    "astroquery.mast",
)  # fmt: skip

LIBRARIES: Final = {
    "calcos": (
        "numpy", "astropy", "astropy.io.fits", "numpy.random", "astropy.stats", "scipy.signal.windows", "scipy.ndimage",
        "scipy.signal", "astropy.table",
    ),
    "runastrodriz": _DRIZZLEPAC,
    "runsinglehap": (
        *_DRIZZLEPAC, "bokeh.layouts", "bokeh.plotting", "bokeh.models", "photutils.aperture", "pypdf", "scipy.special",
        "pandas",
    ),
    "runmultihap": _DRIZZLEPAC,
}  # fmt: skip
"""Libraries that the calibration packages import when a program starts, in that order.

The last of calcos is imported by astropy when calcos makes its first table.
"""

MAY_DIFFER: Final = frozenset(
    {*REFERENCE_VARIABLES, *(item.name for item in ENGINE_VARIABLES if item.reader.startswith(CALIBRATION_PACKAGES))}
)
"""Variables that only calibration packages read. All others are taken for variables that libraries read."""

READ_IN_THE_DIRECTORY: Final = ("matplotlibrc",)
"""Files that libraries read in the working directory when they are imported."""
