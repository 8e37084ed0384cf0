"""Adapters of the port PreviewRenderer."""

import logging

# Without a handler Python would write what matplotlib remarks, such as that it looks for fonts, to standard error.
logging.getLogger("matplotlib").addHandler(logging.NullHandler())
