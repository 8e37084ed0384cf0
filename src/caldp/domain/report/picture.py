"""Pictures of a page."""

from __future__ import annotations

from attrs import field, frozen


@frozen
class Picture:
    """A picture, as it lies in an output.

    Attributes
    ----------
    name
        Name of the file.
    data
        Its contents; empty for one that is named only, since a page may not be large.
    """

    name: str
    data: bytes = field(default=b"", repr=False)

    @property
    def media_type(self) -> str:
        """Its media type, by its first bytes and not by its name; empty for anything but PNG and JPEG."""
        if self.data.startswith(b"\x89PNG\r\n\x1a\n"):
            return "image/png"
        return "image/jpeg" if self.data.startswith(b"\xff\xd8\xff") else ""
