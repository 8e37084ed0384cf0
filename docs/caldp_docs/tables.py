"""Tables of what the domain knows."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from caldp.calcloud.layout import CalcloudLayout
from caldp.cli.readme_commands import COMMANDS
from caldp.domain.exit_codes import ExitCode, is_memory_error, meaning
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.instrument import Instrument
from caldp.domain.output.layout import Category, TreeLayout
from caldp.domain.output.messages import OWN_STATES, MessageState
from caldp.domain.run.engine_variables import ENGINE_VARIABLES, Kind
from caldp.domain.run.settings import PROFILES, Settings, describe
from caldp_docs.markdown import code, table


def exit_codes() -> str:
    """Say what each exit code means."""
    rows = [(str(int(each)), code(each.name), meaning(each), "yes" * is_memory_error(each)) for each in ExitCode]
    return table(("Status", "Name", "Meaning", "Memory"), rows)


def settings() -> str:
    """List the settings with their environment variables and defaults."""
    defaults = Settings(profile="")
    rows = [
        (code(each.name), code(each.env), code(_shown(getattr(defaults, each.name))), each.doc) for each in describe()
    ]
    return table(("Setting", "Environment variable", "Default", "Meaning"), rows)


def engine_variables() -> str:
    """List the variables that steer calibration, with what an input may set them to."""
    rows = [
        (code(each.name), each.reader, each.meaning, "" if each.kind is Kind.OWN else each.kind.expected)
        for each in ENGINE_VARIABLES
    ]
    return table(("Variable", "Read by", "Meaning", "Values that an input may give it"), rows)


def profiles() -> str:
    """Put the profiles that we ship side by side."""
    names = [each.name for each in describe() if any(each.name in values for values in PROFILES.values())]
    rows = [(code(name), *(code(_shown(values.get(name))) for values in PROFILES.values())) for name in names]
    return table(("Setting", *map(code, PROFILES)), rows)


def recipes() -> str:
    """Say what calibrating each instrument takes."""
    rows = [
        (
            str(instrument).upper(),
            " ".join(instrument.recipe.download_suffixes),
            code(shlex.join(instrument.recipe.stage1)),
            instrument.recipe.stage_input.value,
            code(shlex.join(instrument.recipe.stage2)),
            code(instrument.recipe.reference_variable),
        )
        for instrument in Instrument
    ]
    return table(("Instrument", "Inputs", "Stage 1", "is given", "Stage 2", "References"), rows)


def layouts() -> str:
    """Say where each part of a dataset goes in either layout."""
    dataset = DatasetName.parse("j8cb010b0")
    tree, calcloud = TreeLayout(), CalcloudLayout()
    files = {
        Category.PRODUCT: "j8cb01u2q_flt.fits",
        Category.PREVIEW: "j8cb01u2q_flt.jpg",
        Category.ENVIRONMENT: "j8cb010b0_cal_env.txt",
    }
    within = f" in `{calcloud.archive_key(dataset)}`"
    rows = [
        (kind.value, code(tree.file_key(dataset, kind, name)), code(calcloud.file_key(dataset, kind, name)) + within)
        for kind, name in files.items()
    ]
    rows.append(
        (
            "log, metrics, record",
            code(tree.log_key(dataset, "process.txt")),
            code(calcloud.log_key(dataset, "process.txt")),
        )
    )
    rows += [
        (f"message *{state.value}*", code(tree.message_key(dataset, state)), code(calcloud.message_key(dataset, state)))
        for state in OWN_STATES
    ]
    rows += [
        (f"message *{state.value}*, written by others", code(tree.message_key(dataset, state)), "")
        for state in (MessageState.SYNCED, MessageState.ARCHIVED)
    ]
    return table(("What", "Tree", "CALCLOUD"), rows)


def readme_commands() -> str:
    """Say what the commands of the founding readme are today."""
    rows = [
        (code(f"{command.name} {command.usage}".strip()), code(shlex.join(("caldp", *command.today))))
        for command in COMMANDS.values()
    ]
    return table(("The readme's command", "runs"), rows)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={text}" for name, text in value.items())
    return "" if value is None else str(getattr(value, "value", value))
