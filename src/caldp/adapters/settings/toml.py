"""Profiles: those that we ship, and the user's own in TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.errors import InvalidSetting
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.profile import ProfileSource
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import PROFILES, Layer, Setting, describe

SUFFIX: Final = ".toml"
PROJECT_DIRECTORY: Final = ".caldp"
READMES_PREFIX: Final = "caldp-config-"
"""The founding readme's configurations were scripts of these names: ``caldp-config-onsite`` is the profile onsite."""

_DESCRIPTIONS: Final = {
    "onsite": "STScI's Central Store: a flat, read-only cache and no server.",
    "offsite": "A cache of your own, filled from the CRDS server.",
    "aws": "AWS: references from S3, the context that the output bucket names.",
    "demo": "Simulated observations with a CRDS cache of their own; no network.",
}

_MOST_BYTES: Final = 1 << 20  # a profile has a few lines; whatever is larger is some other file


@frozen
class _Document:
    """A profile's file: what it starts from, what it says of itself, and its values as TOML has them."""

    values: Mapping[str, Any]
    extends: str = ""
    description: str = ""


def config_directories(start: Path) -> tuple[Path, ...]:
    """List the directories that profiles are looked for in by name, the first to win.

    Parameters
    ----------
    start
        The user's directory. The project's directory is ``.caldp`` here or in the nearest parent that has one.
    """
    from platformdirs import user_config_path

    project = next(
        (place for parent in (start, *start.parents) if (place := parent / PROJECT_DIRECTORY).is_dir()), None
    )
    user = user_config_path("caldp", appauthor=False)
    return (user,) if project is None else (project, user)


class TomlProfiles:
    """Finds profiles by name or path and reads them.

    Parameters
    ----------
    directories
        Directories in which files are looked for by name, the first to win.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = tuple(directories)

    def sources(self) -> tuple[ProfileSource, ...]:
        """List every profile that can be named: ours, then the user's by name."""
        files = {path.stem: path for path in self._files()}
        ours = tuple(ProfileSource(name, description=_DESCRIPTIONS.get(name, "")) for name in PROFILES)
        return ours + tuple(self._source(name, path) for name, path in sorted(files.items()))

    def layers(self, profile: str) -> tuple[str, tuple[Layer, ...]]:
        """Read a profile with all that it extends.

        Parameters
        ----------
        profile
            A name, a name of the founding readme's (``caldp-config-onsite``), or the path of a TOML file.

        Returns
        -------
        name : str
            The profile's name, for the record.
        layers : tuple of Layer
            Its values, in order of growing precedence.

        Raises
        ------
        InvalidSetting
            If there is no such profile, or its file cannot be read as one.
        """
        chain = tuple(self._chain(profile))
        return chain[0][0], tuple(layer for _, layer in reversed(chain))

    def _chain(self, profile: str) -> Iterator[tuple[str, Layer]]:
        """Yield a profile and then what it extends, down to the ground."""
        place, seen = Path(), set[Path]()
        while profile:
            name, path = self.locate(profile, place)
            if path is None:
                yield name, Layer(f"profile {name}", PROFILES[name])
                return
            if path in seen:
                raise InvalidSetting(f"{path}: extends itself, by way of {profile!r}.", advice="Break the circle.")
            seen.add(path)
            document = _read(path)
            yield name, Layer(str(path), _checked(document.values, path))
            profile, place = document.extends, path.parent

    def locate(self, profile: str, place: Path = Path()) -> tuple[str, Path | None]:
        """Tell a profile's name, and its file unless it is one of ours; paths are relative to a place.

        Raises
        ------
        InvalidSetting
            If there is no such profile.
        """
        if profile.endswith(SUFFIX) or "/" in profile:
            path = (place / Path(profile).expanduser()).resolve()
            if not path.is_file():
                raise InvalidSetting(f"There is no profile file {quoted(path)}.", advice="Check the path.")
            return path.stem, path
        for name in (profile, profile.removeprefix(READMES_PREFIX)):
            if name in PROFILES:
                return name, None
            for candidate in self._files():
                if candidate.stem == name:
                    return name, candidate.resolve()
        raise self._unknown(profile)

    def _files(self) -> Iterator[Path]:
        """Yield the files of the directories; of one name, only the first; never one of our names."""
        seen = set[str]()
        for directory in self._directories:
            for path in sorted(directory.glob(f"*{SUFFIX}")) if directory.is_dir() else ():
                if path.stem not in seen:
                    seen.add(path.stem)
                    yield path

    def _source(self, name: str, path: Path) -> ProfileSource:
        if name in PROFILES:
            return ProfileSource(name, path, problem="never used: a profile that caldp ships has this name")
        try:
            document = _read(path)
            self.layers(name)
        except InvalidSetting as error:
            return ProfileSource(name, path, problem=f"{error.message} {error.advice}".strip())
        return ProfileSource(name, path, document.description, document.extends)

    def _unknown(self, profile: str) -> InvalidSetting:
        names = [source.name for source in self.sources()]
        close = get_close_matches(profile.removeprefix(READMES_PREFIX), names, n=1)
        places = " and ".join(str(directory) for directory in self._directories)
        return InvalidSetting(
            f"There is no profile {profile!r}.",
            advice=(f"Did you mean {close[0]!r}? " if close else "")
            + f"There are {', '.join(names)}; your own are TOML files, given by path or put in {places}.",
        )


def _read(path: Path) -> _Document:
    """Read a profile's file."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidSetting(f"{path} is too large to be a profile.", advice="A profile is a short TOML file.")
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(
            f"{path} is not TOML: {error}.",
            advice="A profile holds lines such as crds_path = '/my/cache'; see 'caldp profile show offsite'. "
            "A script of exports is no profile: source it, and name one of ours.",
        ) from error
    headline = {key: values.pop(key, "") for key in ("extends", "description")}
    for key, value in headline.items():
        if not isinstance(value, str):
            raise InvalidSetting(f"{path}: {key} is {value!r}.", advice="Expected a text.")
    return _Document(values, headline["extends"], headline["description"])


def _checked(values: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """Check that values have their settings' types; unknown keys are left for `caldp.domain.run.settings.resolve`."""
    for setting in describe():
        if setting.name in values:
            _check(setting, values[setting.name], path)
    return values


def _check(setting: Setting, value: Any, path: Path) -> None:
    from cattrs import Converter

    converter = Converter()
    # Left to itself cattrs calls bool("false"), which is True.
    for kind in (bool, str, int):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(float, lambda number, _: float(_exactly(number, int | float)))
    converter.register_structure_hook_func(lambda kind: kind == Mapping[str, str], _table)
    try:
        converter.structure(value, setting.type)
    except (TypeError, ValueError) as error:
        expected = _EXPECTED.get(setting.type, "a table of texts in quotes")
        raise InvalidSetting(f"{path}: {setting.name} is {value!r}.", advice=f"Expected {expected}.") from error


def _exactly(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _table(value: Any, _kind: Any) -> dict[str, str]:
    return {key: _exactly(item, str) for key, item in _exactly(value, dict).items()}


_EXPECTED: Final[dict[Any, str]] = {
    bool: "true or false, without quotes",
    str: "a text in quotes",
    int: "a whole number without quotes",
    float: "a number without quotes",
    LayoutKind: " or ".join(f'"{kind.value}"' for kind in LayoutKind),
    ReferenceCheck: " or ".join(f'"{check.value}"' for check in ReferenceCheck),
}
