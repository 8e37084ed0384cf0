"""Logs docker into Amazon's container registry, through the AWS command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from caldp.domain.errors import CaldpError


@frozen
class EcrLogin:
    """Login for ``docker login``; the password must not be shown.

    Attributes
    ----------
    registry
        Host name of the account's registry.
    password
        Good for twelve hours.
    """

    registry: str
    password: str


def ecr_login(environ: Mapping[str, str], region: str, role: str = "") -> EcrLogin:
    """Ask AWS for a registry password.

    Parameters
    ----------
    environ
        Environment of the ``aws`` program: it says which account and credentials.
    region
        AWS region of the registry.
    role
        Name or ARN of a role to take on; empty for none.

    Raises
    ------
    CaldpError
        If ``aws`` is not installed or fails.
    """
    account = json.loads(_aws(("sts", "get-caller-identity", "--output", "json"), environ))["Account"]
    if role:
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{account}:role/{role}"
        environ, account = _assume(arn, environ), arn.split(":")[4]
    password = _aws(("ecr", "get-login-password", "--region", region), environ).strip()
    return EcrLogin(f"{account}.dkr.ecr.{region}.amazonaws.com", password)


def _assume(arn: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with the role's credentials."""
    words = ("sts", "assume-role", "--role-arn", arn, "--role-session-name", "caldp-ecr-login", "--output", "json")
    credentials: dict[str, Any] = json.loads(_aws(words, environ))["Credentials"]
    return {
        **{name: value for name, value in environ.items() if name != "AWS_PROFILE"},
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
    }


def _aws(words: Sequence[str], environ: Mapping[str, str]) -> str:
    program = shutil.which("aws", path=environ.get("PATH"))
    if program is None:
        raise CaldpError("The AWS command line is not installed: there is no aws on PATH.", advice="Install awscli.")
    done = subprocess.run([program, *words], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        detail = done.stderr.strip() or f"status {done.returncode}"
        raise CaldpError(f"aws {words[0]} {words[1]} failed: {detail}", advice="Check your AWS credentials.")
    return done.stdout
