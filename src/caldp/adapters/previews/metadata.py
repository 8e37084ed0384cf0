"""Words that pictures carry: comments, and XMP with the tags of the Astronomy Visualization Metadata (AVM 1.2).

Names of tags: AVM, virtualastronomy.org; IPTC Photo Metadata, for the alternative text. They are read by Aladin, WWT,
and whatever reads a picture to people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Final

from attrs import frozen

_NAMESPACES: Final = {
    "avm": "http://www.communicatingastronomy.org/avm/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
_LONGEST: Final = 400

Tags = Mapping[str, str | Sequence[str]]
"""Values of AVM's tags, by their names; several values are an ordered list."""


@frozen
class Caption:
    """Words of a picture.

    Attributes
    ----------
    title
        Name of the picture.
    description
        Text for those who cannot see the picture.
    facts
        Source, target, filter and limits of the stretch, by name.
    tags
        AVM's tags.
    """

    title: str
    description: str
    facts: Mapping[str, str]
    tags: Tags

    def lines(self) -> Iterator[str]:
        """Yield all of it but AVM's tags, as lines of printable ASCII."""
        yield _plain(f"Created by {software()}")
        for name, value in {"Title": self.title, **self.facts, "Description": self.description}.items():
            yield _plain(f"{name}: {value}")


@lru_cache
def software() -> str:
    """Name this program and its version, as far as it is installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"caldp {version('caldp')}"
    except PackageNotFoundError:
        return "caldp"


def xmp(caption: Caption) -> str:
    """Write the XMP packet of a picture."""
    alternatives = {"dc:title": caption.title, "dc:description": caption.description}
    alternatives["Iptc4xmpCore:AltTextAccessibility"] = caption.description
    parts = [
        _element(name, _container("Alt", [value], ' xml:lang="x-default"')) for name, value in alternatives.items()
    ]
    parts.append(_element("xmp:CreatorTool", escape(software())))
    tags = {"MetadataVersion": "1.2", "Type": "Observation", **caption.tags}
    for name, value in tags.items():
        inside = escape(printable(value)) if isinstance(value, str) else _container("Seq", value)
        parts.append(_element(f"avm:{name}", inside))
    spaces = " ".join(f'xmlns:{prefix}="{place}"' for prefix, place in _NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces}>{"".join(parts)}</rdf:Description></rdf:RDF></x:xmpmeta>'
        '<?xpacket end="w"?>'
    )


def _element(name: str, content: str) -> str:
    return f"<{name}>{content}</{name}>"


def _container(kind: str, values: Sequence[str], attributes: str = "") -> str:
    items = "".join(f"<rdf:li{attributes}>{escape(printable(value))}</rdf:li>" for value in values)
    return f"<rdf:{kind}>{items}</rdf:{kind}>"


def printable(text: str) -> str:
    """Replace what neither XML nor a font can show, and what no header ought to hold."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_LONGEST]


def _plain(text: str) -> str:
    return printable(text).encode("ascii", "replace").decode("ascii")
