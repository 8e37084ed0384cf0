"""Settings of a user, profiles that caldp ships, and precedence of the sources of a setting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import attrs
from attrs import field, frozen

from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import InvalidSetting
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.setting_values import Value, convert

NO_SERVER: Final = "https://hst-serverless-mode.stsci.edu"
"""Address with which the CRDS library asks no server."""


@frozen
class Form:
    """Form that the text of a setting has, unless it is empty.

    Attributes
    ----------
    pattern
        Expression that the whole text matches.
    expected
        Description for messages, with an example.
    """

    pattern: re.Pattern[str]
    expected: str


CONTEXT: Final = Form(re.compile(r"[\w.-]+\.pmap|hst-[\w.:-]+"), "a CRDS context such as hst_0729.pmap")
"""Names of contexts: a ``.pmap``, or one that CRDS resolves, such as ``hst-operational`` or a date."""


def _setting(
    env: str = "",
    doc: str = "",
    *,
    determines: bool = False,
    is_wish: bool = False,
    form: Form | None = None,
    **kwargs: Any,
) -> Any:
    """Declare a setting with the environment variable that overrides it.

    It may determine the products. A wish does so only where somebody has one: without it a request has the digest that
    it had before there was such a setting. A text may have a form.
    """
    metadata = {"env": env, "doc": doc, "determines": determines or is_wish, "is_wish": is_wish, "form": form}
    return field(kw_only=True, metadata=metadata, **kwargs)


@frozen
class Settings:
    """Settings of a run: all that it depends on and that its command does not name.

    Metadata of each setting hold its documentation, its environment variable, and whether it determines the products;
    `describe` lists them.
    """

    profile: str = _setting(doc="Name of the profile.")
    input: str = _setting(doc="Location of inputs, if the command names none.", default="file:.")
    output: str = _setting(doc="Location of products, if the command names none.", default="file:.")
    layout: LayoutKind = _setting("CALDP_LAYOUT", "Arrangement of the output.", default=LayoutKind.TREE)
    home: str = _setting("CALDP_HOME", "Directory of scratch work.", default=".")
    work_dir: str = _setting("CALDP_WORK_DIR", "A scratch directory of its own for this run.", default="")
    keep_work: bool = _setting("CALDP_KEEP_WORK", "Keep the scratch directory of a good run.", default=False)
    tar_max_files: int = _setting("CALDP_TAR_MAX_FILES", "Members that a tarball may have.", default=10_000)
    tar_max_bytes: int = _setting(
        "CALDP_TAR_MAX_BYTES", "Bytes that a tarball or compressed file may unpack to.", default=64 << 30
    )
    transfers: int = _setting("CALDP_TRANSFERS", "Downloads, or parts of an upload, at the same time.", default=8)
    attempts: int = _setting(
        "AWS_MAX_ATTEMPTS", "Number of requests to S3, MAST or CRDS before a run gives up.", default=6
    )
    network_timeout: float = _setting(
        "CALDP_NETWORK_TIMEOUT", "Seconds that S3, MAST or CRDS may be silent before it is asked again.", default=60.0
    )
    lease: float = _setting(
        "CALDP_LEASE", "Seconds for which a run's claim on its dataset holds unless it is renewed.", default=120.0
    )
    transfer_minimum: float = _setting(
        "CALDP_TRANSFER_MINIMUM",
        "Bytes a second that a connection must move, measured over `network_timeout`; 0 sets no limit.",
        default=10_000.0,
    )
    transfer_deadline: float = _setting(
        "CALDP_TRANSFER_DEADLINE",
        "Seconds that one file may take from or to S3, MAST or CRDS, repetitions included; 0 sets no limit.",
        default=21_600.0,
    )
    mast_server: str = _setting(
        "CALDP_MAST_SERVER", "The MAST archive.", default="https://mast.stsci.edu", determines=True
    )
    timeout: float = _setting("CALDP_TIMEOUT", "Seconds that a stage may take; 0 sets no limit.", default=0.0)
    exposures_at_once: int = _setting(
        "CALDP_EXPOSURES_AT_ONCE",
        "Exposures of an association that are calibrated at the same time, where they stand by themselves; 0 for as "
        "many as cores and memory allow, 1 for one run of the engine on the whole.",
        default=0,
    )
    warm_engines: bool = _setting(
        "CALDP_WARM_ENGINES",
        "Import the libraries of Python engines beside the first steps, and fork the engines from there.",
        default=True,
    )
    batch_poll: float = _setting(
        "CALDP_BATCH_POLL",
        "Seconds between two questions of a batch to its cluster; the pause grows while nothing happens.",
        default=2.0,
    )
    previews: bool = _setting("CALDP_PREVIEWS", "Draw previews.", default=True, determines=True)

    crds_server_url: str = _setting("CRDS_SERVER_URL", "The CRDS server.", default="", determines=True)
    crds_path: str = _setting("CRDS_PATH", "The CRDS cache.", default="~/crds_cache")
    crds_context: str = _setting(
        "CRDS_CONTEXT",
        "Context to assign from; empty for the operational one.",
        default="",
        determines=True,
        form=CONTEXT,
    )
    crds_readonly_cache: bool = _setting("CRDS_READONLY_CACHE", "Never write to the cache.", default=False)
    crds_environment: Mapping[str, str] = _setting(
        doc="Further CRDS_* variables for the CRDS library.", factory=dict, determines=True
    )
    verify_references: ReferenceCheck = _setting(
        "CALDP_VERIFY_REFERENCES",
        "Comparison of reference files in the cache with CRDS's catalogue: auto, strict or off.",
        default=ReferenceCheck.AUTO,
    )
    reference_overrides: Mapping[str, str] = _setting(
        doc="Reference files of your own by header keyword, instead of those that CRDS assigns.",
        factory=dict,
        determines=True,
    )
    switches: Mapping[str, Wish] = _setting(
        "CALDP_SWITCHES",
        "Calibration switches to set in the raw headers before references are assigned, such as FLATCORR=OMIT.",
        factory=dict,
        is_wish=True,
    )
    members: str = _setting(
        doc="Exposures of the association to calibrate, such as ldfd01vnq,ldfd01vpq; empty for all.",
        default="",
        is_wish=True,
    )
    omitted_reads: str = _setting(
        doc="Reads of WFC3/IR ramps to leave out of the fit, such as 1,2 or isim01a1q:1-3; empty for none.",
        default="",
        is_wish=True,
    )
    table_values: Mapping[str, str] = _setting(
        doc="Values in the rows of reference tables that the exposures use, by table and column: XTRACTAB:HEIGHT.",
        factory=dict,
        is_wish=True,
    )
    drizzle: Mapping[str, str] = _setting(
        doc="Parameters of AstroDrizzle for the final products of ACS and WFC3, such as final_scale.",
        factory=dict,
        is_wish=True,
    )
    references_bucket: str = _setting("CRDSBUCKET", "s3:// location that CRDS downloads from.", default="")
    context_from_output: bool = _setting(
        doc="Take the context named in crds_env_vars/ of the output bucket.", default=False, determines=True
    )

    csys_ver: str = _setting(
        "CSYS_VER", "Version of the calibration software, for headers.", default="UNDEFINED", determines=True
    )
    awsdpver: str = _setting(
        "AWSDPVER", "Version of the data processing, for headers.", default="UNDEFINED", determines=True
    )
    awsysver: str = _setting(
        "AWSYSVER", "Version of the cloud system, for headers.", default="UNDEFINED", determines=True
    )
    astrometry: Astrometry = _setting(
        "CALDP_ASTROMETRY",
        "Astrometry of ACS and WFC3 from servers: auto asks once whether they answer, on leaves it to the engines, off"
        " does without.",
        default=Astrometry.AUTO,
        determines=True,
    )
    engine_environment: Mapping[str, str] = _setting(
        doc="Variables for the engines' environment.", factory=dict, determines=True
    )
    simulate_error: int = _setting("CALDP_SIMULATE_ERROR", "Make the step that owns this exit code fail.", default=0)

    @property
    def crds_is_alone(self) -> bool:
        """True if the CRDS cache is used without a server."""
        return self.crds_readonly_cache or self.crds_server_url == NO_SERVER

    @property
    def wishes(self) -> Mapping[str, Any]:
        """Wishes for another calibration than the usual one, by the setting's name."""
        names = [attribute.name for attribute in attrs.fields(Settings) if attribute.metadata["is_wish"]]
        return {name: value for name in names if (value := getattr(self, name))}

    @property
    def without_wishes(self) -> Settings:
        """The settings with every wish left out."""
        return attrs.evolve(self, **{name: type(value)() for name, value in self.wishes.items()})


@frozen
class Setting:
    """One setting: its name, type, environment variable, meaning, and the form of its text if it has one."""

    name: str
    type: Any
    env: str
    doc: str
    form: Form | None = None


def describe() -> tuple[Setting, ...]:
    """List the settings that a profile can hold."""
    attrs.resolve_types(Settings)
    return tuple(
        Setting(
            attribute.name,
            attribute.type,
            attribute.metadata["env"],
            attribute.metadata["doc"],
            attribute.metadata["form"],
        )
        for attribute in attrs.fields(Settings)
        if attribute.name != "profile"
    )


DEMO_DIRECTORY: Final = "caldp-demo"
"""Directory, below the current one, of all that the profile demo makes; to be deleted as a whole."""

_COMMON_AWS: Final = {
    "CRDS_DOWNLOAD_MODE": "plugin",
    "CRDS_USE_PICKLED_CONTEXTS": "1",
    "CRDS_S3_ENABLED": "1",
    "CRDS_S3_RETURN_URI": "0",
    "CRDS_CLIENT_RETRY_COUNT": "4",
    "CRDS_CLIENT_RETRY_DELAY_SECONDS": "10",
}

PROFILES: Final[dict[str, Mapping[str, Value]]] = {
    "onsite": {
        "crds_server_url": NO_SERVER,
        "crds_path": "/grp/crds/cache",
        "crds_readonly_cache": True,
    },
    "offsite": {
        "crds_server_url": "https://hst-crds.stsci.edu",
        "crds_path": "~/crds_cache",
        "crds_readonly_cache": False,
    },
    "aws": {
        "input": "astroquery:",
        "output": "",
        "crds_server_url": "https://hst-crds-serverless.stsci.edu",
        "crds_path": "~/crds_cache",
        "crds_readonly_cache": False,
        "crds_environment": _COMMON_AWS,
        "context_from_output": True,
        "exposures_at_once": 1,  # jobs get the cores and the memory that one run of an engine takes
    },
    "demo": {
        "input": f"simulated:{DEMO_DIRECTORY}",
        "output": f"file:{DEMO_DIRECTORY}",
        "home": DEMO_DIRECTORY,
        "astrometry": "off",
    },
}
"""The profiles that we ship; what they leave out has the default of `Settings`."""


DEFAULT: Final = "default"
"""Origin of a value that no source of settings gives."""


@frozen
class Resolved:
    """Settings, and where each value came from."""

    settings: Settings
    origins: Mapping[str, str]

    def implying(self, layer: Layer) -> Settings:
        """Return the settings, with values of a layer in the place of mere defaults."""
        values = {name: value for name, value in layer.values.items() if self.origins[name] == DEFAULT}
        known = {setting.name: setting for setting in describe()}
        return attrs.evolve(
            self.settings, **{name: _convert(known[name], value, layer.origin) for name, value in values.items()}
        )


@frozen
class Layer:
    """One source of settings, such as the environment.

    Attributes
    ----------
    origin
        Name of the source in messages: ``profile onsite``, ``command line``.
    values
        Values by setting.
    origins
        Names of the sources of single values where they are known better, such as ``environment CRDS_PATH``.
    """

    origin: str
    values: Mapping[str, Value]
    origins: Mapping[str, str] = field(factory=dict)


_OTHER_SPELLINGS: Final = {"CRDSCONTEXT": "crds_context"}
"""Variables that AWS Batch job definitions use; the setting's own variable wins."""


def setting_variables() -> dict[str, str]:
    """Map environment variables to the settings that they override; of two for one setting, the later wins."""
    return {**_OTHER_SPELLINGS, **{setting.env: setting.name for setting in describe() if setting.env}}


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """Pick the settings that environment variables override; an empty variable overrides nothing."""
    variables = setting_variables()
    used = {name: variable for variable, name in variables.items() if environ.get(variable)}
    return Layer(
        "environment",
        {name: environ[variable] for name, variable in used.items()},
        {name: f"environment {variable}" for name, variable in used.items()},
    )


def resolve(profile: str, layers: tuple[Layer, ...]) -> Resolved:
    """Merge sources of settings; later layers win.

    Parameters
    ----------
    profile
        Name of the profile, for the record.
    layers
        In order of growing precedence: built-in, file, environment, command line.

    Raises
    ------
    InvalidSetting
        If a source has an unknown key or a value of the wrong type.
    """
    known = {setting.name: setting for setting in describe()}
    values: dict[str, Any] = {"profile": profile}
    origins: dict[str, str] = {}
    for layer in layers:
        for name, value in layer.values.items():
            if name not in known:
                raise InvalidSetting(
                    f"{layer.origin}: there is no setting {name!r}.", advice=_nearest(name, tuple(known))
                )
            setting = known[name]
            where = layer.origins.get(name, layer.origin)
            converted = _convert(setting, value, where)
            if isinstance(converted, Mapping):
                converted = {**values.get(name, {}), **converted}
            values[name], origins[name] = converted, where
    for name in known.keys() - origins.keys():
        origins[name] = DEFAULT
    return Resolved(Settings(**values), origins)


def _nearest(name: str, names: tuple[str, ...]) -> str:
    close = get_close_matches(name, names, n=1)
    return f"Did you mean {close[0]!r}?" if close else f"The settings are {', '.join(names)}."


def _convert(setting: Setting, value: Value, where: str) -> Any:
    """Turn a value from a file or the environment into the setting's type, strictly."""
    try:
        converted = convert(setting.type, value)
        if setting.form and converted and not setting.form.pattern.fullmatch(converted):
            raise ValueError(setting.form.expected)
    except ValueError as error:
        raise InvalidSetting(f"{where}: {setting.name} is {value!r}.", advice=f"Expected {error}.") from error
    return converted
