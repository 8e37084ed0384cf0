"""The layouts that an output can have, by the setting that asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.output.layout import Layout, LayoutKind, TreeLayout

LAYOUTS: Final[Mapping[LayoutKind, Layout]] = {layout.kind: layout for layout in (TreeLayout(), CalcloudLayout())}
"""Layout by its kind."""
