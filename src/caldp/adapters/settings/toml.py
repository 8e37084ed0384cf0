"""Profiles: those that we ship, and the user's own in TOML files and configuration scripts."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from caldp.adapters.settings.script import is_script, read_exports
from caldp.adapters.settings.values import checked
from caldp.domain.errors import InvalidSetting
from caldp.domain.run.exports import PROFILE_VARIABLE, exported_environment, exported_layer
from caldp.domain.run.profile import ProfileSource
from caldp.domain.run.quoting import quoted
from caldp.domain.run.settings import PROFILES, Layer

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
    environ
        Environment for configuration scripts.
    """

    def __init__(self, directories: Sequence[Path], environ: Mapping[str, str] | None = None) -> None:
        self._directories = tuple(directories)
        self._environ = os.environ if environ is None else environ

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
            A name, a name of the founding readme's (``caldp-config-onsite``), or the path of a TOML file or of a
            configuration script.

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

    def environment(self, profile: str) -> dict[str, str]:
        """Return what a profile adds to the environment of its runs: a script's variables that are no settings."""
        _, path = self.locate(profile)
        if path is None or not _names_script(path):
            return {}
        return exported_environment(read_exports(path, self._environ))

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
            if _names_script(path):
                if len(seen) > 1:
                    raise InvalidSetting(
                        f"{profile!r} is a script, which no profile can extend.", advice="Name the script itself."
                    )
                exports = read_exports(path, self._environ)
                yield name, exported_layer(str(path), exports)
                profile = exports.get(PROFILE_VARIABLE, "")
                profile = profile if profile in PROFILES else ""
                continue
            document = _read(path)
            yield name, Layer(str(path), checked(document.values, path))
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
        script = self._script(profile) if place == Path() else None
        if script is not None:
            return script.name, script
        raise self._unknown(profile)

    def _script(self, name: str) -> Path | None:
        """Find a configuration script by its bare name: here, or beside the readme's scripts on PATH."""
        found = shutil.which(name, os.R_OK, self._environ.get("PATH")) if name.startswith(READMES_PREFIX) else None
        candidates = (Path(name), *([Path(found)] if found else []))
        return next((one.resolve() for one in candidates if one.is_file() and _names_script(one)), None)

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
        names = [*PROFILES, *sorted({path.stem for path in self._files()} - PROFILES.keys())]
        close = get_close_matches(profile.removeprefix(READMES_PREFIX), names, n=1)
        places = " and ".join(str(directory) for directory in self._directories)
        return InvalidSetting(
            f"There is no profile {profile!r}.",
            advice=(f"Did you mean {close[0]!r}? " if close else "")
            + f"There are {', '.join(names)}; your own are TOML files, given by path or put in {places}.",
        )


def _names_script(path: Path) -> bool:
    """Tell whether a file is a configuration script: its name is none of TOML's, and a shell can source its text."""
    return path.suffix != SUFFIX and is_script(_content(path).decode(errors="replace"))


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InvalidSetting(f"{path} is too large to be a profile.", advice="A profile is a short file.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidSetting(f"{path} cannot be read: {error.strerror}.") from error


def _read(path: Path) -> _Document:
    """Read a profile's file."""
    try:
        values = tomllib.loads(_content(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise InvalidSetting(
            f"{path} is not TOML: {error}.",
            advice="A profile holds lines such as crds_path = '/my/cache'; see 'caldp profile show offsite'. "
            f"A script of exports may have any name that does not end in {SUFFIX}.",
        ) from error
    headline = {key: values.pop(key, "") for key in ("extends", "description")}
    for key, value in headline.items():
        if not isinstance(value, str):
            raise InvalidSetting(f"{path}: {key} is {value!r}.", advice="Expected a text.")
    return _Document(values, headline["extends"], headline["description"])
