"""Words about pictures of images, out of their headers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from caldp.adapters.previews.image.frame import Frame
from caldp.adapters.previews.image.stretch import Limits
from caldp.adapters.previews.metadata import Caption
from caldp.domain.output.looks import Look
from caldp.domain.output.previews import PreviewRequest

_COLOURS = ("Blue", "Green", "Red")


def image_caption(
    request: PreviewRequest, frames: Sequence[Frame], limits: Sequence[Limits], look: Look, shape: tuple[int, int]
) -> Caption:
    """Describe a picture.

    Parameters
    ----------
    request
        Picture that was asked for.
    frames, limits
        The images, from blue to red, and the limits of the stretch of each.
    look
        Look of the picture.
    shape
        Rows and columns of the picture.
    """
    primary = frames[0].primary
    filters = [filter_of(frame.primary) for frame in frames]
    values = [
        (limit.low / frame.factor, limit.high / frame.factor) for limit, frame in zip(limits, frames, strict=True)
    ]
    target, instrument, day = (str(primary.get(name, "")).strip() for name in ("TARGNAME", "INSTRUME", "DATE-OBS"))
    detector = "/".join(filter(None, (instrument, str(primary.get("DETECTOR", "")).strip())))
    seconds = exposure_of(primary)
    parts = [
        "Picture in colour" if len(frames) > 1 else "Picture in grey",
        f"of {target}" if target else "",
        f"by Hubble's {detector}" if detector else "",
        f"through {', '.join(filter(None, filters))}" if any(filters) else "",
        f"on {day}" if day else "",
        f"in {seconds:.0f} s" if seconds else "",
    ]
    description = f"{' '.join(filter(None, parts))}, {shape[1]} x {shape[0]} pixels; the brighter, the more light."
    sky_map = frames[0].sky_map
    if sky_map is not None:
        description += f" North is {round(sky_map.north) % 360} degrees counter-clockwise of up."
    stretch = "; ".join(f"{low:.6g} to {high:.6g}" for low, high in values)
    facts = {
        "Source": ", ".join(path.name for path in request.sources),
        "Target": target,
        "Proposal": str(primary.get("PROPOSID", "")),
        "Filter": ", ".join(filter(None, filters)),
        "Limits": f"{stretch} (stretch {look.name}, asinh)",
    }
    tags: dict[str, str | tuple[str, ...]] = {
        "Title": request.stem,
        "Facility": ("Hubble",) * len(frames),
        "Instrument": (detector,) * len(frames),
        "Spectral.Bandpass": tuple(filters),
        "Spectral.ColorAssignment": tuple(_colours(len(frames))) if len(frames) > 1 else ("Grayscale",),
        "FL.StretchFunction": ("ArcSinh",) * len(frames),
        "FL.BlackLevel": tuple(f"{low:.9g}" for low, _ in values),
        "FL.WhiteLevel": tuple(f"{high:.9g}" for _, high in values),
    }
    known = {name: value for name, value in facts.items() if value}
    return Caption(request.stem, description, known, {"Subject.Name": target, **tags} if target else tags)


def filter_of(primary: Mapping[str, Any]) -> str:
    """Name the filters that light went through; those that are clear do not count."""
    names = (str(primary.get(keyword, "")).strip() for keyword in ("FILTER", "FILTER1", "FILTER2"))
    return " + ".join(name for name in names if name and not name.startswith(("CLEAR", "N/A")))


def exposure_of(primary: Mapping[str, Any]) -> float:
    """Return the exposure time, seconds; 0 if the header does not tell it."""
    seconds = primary.get("TEXPTIME", primary.get("EXPTIME", 0))
    return float(seconds) if isinstance(seconds, int | float) else 0.0


def _colours(count: int) -> tuple[str, ...]:
    return _COLOURS if count > 2 else (_COLOURS[0], _COLOURS[2])
