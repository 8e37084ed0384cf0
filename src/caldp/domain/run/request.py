"""The request of a run: all that determines it, as one value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Self

import attrs
from attrs import frozen

from caldp.domain.errors import InvalidRecord, UsageError
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import InputLocation, OutputLocation, parse_input, parse_output
from caldp.domain.run.plain import from_plain, parse_json, to_plain
from caldp.domain.run.secrets import blotted, without_secrets
from caldp.domain.run.settings import Settings

SCHEMA_VERSION: Final = 1
"""Version of the JSON form of a request."""


@frozen
class RunRequest:
    """Everything that determines a run. The environment is passed beside it and never stored.

    `caldp.make_request` makes one of the words of a command. Paths of this machine are absolute in it.

    Attributes
    ----------
    dataset
        The dataset to process.
    source
        Location of its inputs.
    target
        Location of its products.
    settings
        Settings as they were resolved from profile, files, environment and command line.
    """

    dataset: AnyDataset
    source: InputLocation
    target: OutputLocation
    settings: Settings

    def __str__(self) -> str:
        return f"{self.dataset}: {self.source} -> {self.target}"

    @property
    def determinants(self) -> dict[str, Any]:
        """The part of the request that determines the products, as plain data without credentials.

        That is the dataset, the source, and the settings that `caldp.domain.run.settings.Settings` marks. The target
        does not determine the products, nor do scratch places, patience, transfers, layout and injected errors.
        """
        return {
            "dataset": str(self.dataset),
            "source": blotted(str(self.source)),
            **determining_settings(self.settings),
        }

    @property
    def digest(self) -> str:
        """SHA-256 of the determinants, hexadecimal: equal for runs that are to make equal products."""
        return _digest(self.determinants)

    def digests(self, datasets: Iterable[str]) -> Iterator[str]:
        """Yield the digest that the request would have for each of some datasets, given by name."""
        determinants = self.determinants
        for dataset in datasets:
            yield _digest({**determinants, "dataset": dataset})

    def differences(self, earlier: RunRequest) -> tuple[str, ...]:
        """List the determinants that differ from an earlier request's, such as ``crds_context 'a' -> 'b'``."""
        now, before = self.determinants, earlier.determinants
        names = dict.fromkeys((*now, *before))
        return tuple(
            f"{name} {before.get(name)!r} -> {now.get(name)!r}" for name in names if now.get(name) != before.get(name)
        )

    def to_plain(self) -> dict[str, Any]:
        """Return the request as plain data; credentials are blotted out."""
        return {
            "schema": SCHEMA_VERSION,
            "dataset": str(self.dataset),
            "source": blotted(str(self.source)),
            "target": blotted(str(self.target)),
            "settings": {name: _shown(value) for name, value in to_plain(self.settings).items()},
        }

    def to_json(self) -> str:
        """Write the request as JSON; credentials are blotted out."""
        return json.dumps(self.to_plain(), indent=2) + "\n"

    @classmethod
    def from_plain(cls, data: Any) -> Self:
        """Read a request from plain data, as `to_plain` makes them.

        A credential that was blotted out stays so: it has to be given anew, by the environment.

        Raises
        ------
        InvalidRecord
            If the data are no request.
        """
        try:
            if data["schema"] != SCHEMA_VERSION:
                raise InvalidRecord(
                    f"Its schema is {str(data['schema'])[:80]!r}.",
                    advice=f"This caldp reads requests of schema {SCHEMA_VERSION}.",
                )
            return cls(
                DatasetName.parse(data["dataset"]),
                parse_input(data["source"]),
                parse_output(data["target"]),
                from_plain(Settings, data["settings"], "settings"),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise InvalidRecord(f"It is no request: {error}.", advice="Expected what caldp has written.") from error
        except InvalidRecord:
            raise
        except UsageError as error:
            raise InvalidRecord(f"It is no request: {error.message}", advice=error.advice) from error

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a request from JSON, as `to_json` writes it.

        Raises
        ------
        InvalidRecord
            If the text is no request.
        """
        return cls.from_plain(parse_json(text))


def determining_settings(settings: Settings, *, no_wishes_too: bool = False) -> dict[str, Any]:
    """Return the settings that determine the products, as plain data without credentials.

    Parameters
    ----------
    settings
        All settings.
    no_wishes_too
        True to return wishes that are empty, too; requests without wishes have the digests from before there were any.
    """
    plain = to_plain(settings)
    return {
        attribute.name: _shown(plain[attribute.name])
        for attribute in attrs.fields(Settings)
        if attribute.metadata["determines"]
        and (no_wishes_too or plain[attribute.name] or not attribute.metadata["is_wish"])
    }


def _digest(determinants: Mapping[str, Any]) -> str:
    text = json.dumps(determinants, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _shown(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    return blotted(value) if isinstance(value, str) else value
