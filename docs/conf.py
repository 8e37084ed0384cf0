"""Settings of the site: ``sphinx-build -W --keep-going -n -b dirhtml docs OUT``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = author = "caldp"
html_title = "caldp"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "caldp_docs.site",
]
exclude_patterns = ["caldp_docs"]
myst_heading_anchors = 6
smartquotes = False  # they would make one dash of the two before an option

# Types are in the signatures and beside the parameters. One parameter is on one line, which breaks long signatures.
autodoc_member_order = "bysource"
autodoc_typehints = "both"
autodoc_typehints_description_target = "documented"
autoclass_content = "class"
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88
napoleon_google_docstring = False
napoleon_use_ivar = True
default_role = "mentioned"
add_module_names = False
toc_object_entries_show_parents = "hide"

# A name in a docstring, such as that of a parameter, may be a name of Python's too.
intersphinx_disabled_reftypes = ["std:doc", "py:obj"]
# Links into the documentation of others need their inventories, and so a network: a check without one must pass too.
if "READTHEDOCS" in os.environ or "CALDP_DOCS_LINKS" in os.environ:
    intersphinx_mapping = {
        "python": ("https://docs.python.org/3", None),
        "numpy": ("https://numpy.org/doc/stable", None),
        "astropy": ("https://docs.astropy.org/en/stable", None),
        "astroquery": ("https://astroquery.readthedocs.io/en/stable", None),
        "boto3": ("https://boto3.amazonaws.com/v1/documentation/api/latest", None),
    }

copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True
copybutton_line_continuation_character = "\\"

html_theme = "pydata_sphinx_theme"
html_static_path = ["static"]
html_css_files = ["caldp.css"]
html_sidebars = {"tutorial*": []}  # they have no section, of which a sidebar would show the pages
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "icon_links": [
        {"name": "Repository", "url": "https://github.com/spacetelescope/caldp", "icon": "fa-brands fa-github"},
    ],
    "navbar_persistent": ["search-button"],
    "navigation_with_keys": False,
    "show_prev_next": True,
    "show_toc_level": 2,
    "footer_start": [],
    "footer_end": [],
}
