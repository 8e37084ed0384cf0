"""What must not be seen in logs and records, and how it is blotted out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

BLOT: Final = "***"

_WORDS: Final = r"TOKEN|SECRET|PASSW|CREDENTIAL|SIGNATURE|AUTH"
_SECRET_NAME: Final = re.compile(rf"{_WORDS}|(?:^|_)KEY(?:$|_)", re.IGNORECASE)
_USER_IN_URL: Final = re.compile(r"(?<=://)[^/@\s]+@")
_SECRET_IN_QUERY: Final = re.compile(rf"([?&][\w-]*(?:{_WORDS}|KEY)[\w-]*=)[^&\s'\"]+", re.IGNORECASE)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as it may be shown and recorded: credentials are blotted out."""
    return {name: BLOT if _SECRET_NAME.search(name) else blotted(value) for name, value in sorted(environment.items())}


def blotted(text: str) -> str:
    """Return a text as it may be shown: users and passwords in addresses, and signatures of these, are blotted out."""
    return _SECRET_IN_QUERY.sub(rf"\1{BLOT}", _USER_IN_URL.sub(f"{BLOT}@", text))
