"""Credentials and control characters: kept out of everything that is shown, logged or recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from attrs import frozen

BLOT: Final = "***"

_SECRET_NAME: Final = re.compile(
    r"TOKEN|SECRET|PASSW|PASSPHRASE|PASSCODE|CREDENTIAL|SIGNATURE|AUTH(?!OR(?!I))|(?:API|ACCESS|PRIVATE|SIGNING)[_-]?KEY"
    r"|(?:^|_)(?:KEY|PASS|SIG)(?:$|_)|_PWD$",
    re.IGNORECASE,
)
_PLACE_NAME: Final = re.compile(r"_(?:FILE|PATH|DIR|SOCK)$|^XAUTHORITY$", re.IGNORECASE)
_SHORTEST: Final = 6
"""Characters; a shorter value, such as ``basic``, would be blotted out of half of what is said."""

# A password may hold a slash or an @, though it should not. Bounded: a long line must not take long.
_USER_IN_URL: Final = re.compile(r"(?<=://)(?:[^/\s?#\"\\]{0,500}|[^/\s:@\"\\]{1,200}:[^\s@\"\\]{0,500})@")
_BEARER: Final = re.compile(r"\b(Bearer\s+)[\w+/=.~-]{8,}", re.IGNORECASE)
# Possessive: each character is looked at once, however long the line.
_NAME: Final = re.compile(r"(?<![\w.-])([\w.-]++)[\"']?\s*+([=:])[^\S\n]*+")
_QUOTED: Final = r"\"(?:[^\"\\]++|\\.)*+\"|'[^']*'"
_QUOTED_VALUE: Final = re.compile(_QUOTED)
_VALUE: Final = re.compile(rf"(?:(?:Bearer|Basic|Token)\s+)?(?:{_QUOTED}|[^\s\"'&,;()\[\]{{}}\\]+)", re.IGNORECASE)
_QUERY_VALUE: Final = re.compile(r"[^&\s'\"\\]+")
_REST_OF_LINE: Final = re.compile(r".+")
_RANDOM_VALUE: Final = re.compile(r"[\w+/=.~-]{16,}")
_QUOTED_RANDOM_VALUE: Final = re.compile(r"([\"'])[\w+/=.~-]{16,}\1")
# After a colon a word may be prose ("invalid token: line 1"): only the plainest names count, or what looks random.
_PLAIN_NAME: Final = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|AUTHORIZATION|(?:API|ACCESS|PRIVATE)[_-]?KEY(?:[_-]?ID)?$", re.IGNORECASE
)
_EXPORT: Final = ("", "export", "declare -x", "setenv")

_ESCAPE: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, the cursor
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\0-\x1f\x7f-\x9f]*(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, ...: titles, links
    r"|\x1b[ -/]*[0-~]?"
)
_CONTROL: Final = re.compile(
    "[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""C0 and C1 save tab and line feed, what turns the direction of writing, and halves of characters."""
_ASCII_CONTROLS: Final = bytes({*range(32), 127} - {*b"\t\n"})


def is_secret_name(name: str) -> bool:
    """Tell whether a variable of this name holds a credential."""
    return _SECRET_NAME.search(name) is not None


def holds_secret(name: str, value: str) -> bool:
    """Tell whether a variable holds a credential, by its name or within an address."""
    return bool(value) and (is_secret_name(name) or blotted(value) != value)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as it may be shown and recorded: credentials are blotted out."""
    return {name: BLOT if is_secret_name(name) else blotted(value) for name, value in sorted(environment.items())}


def blotted(text: str) -> str:
    """Return a text as it may be shown: whatever is a credential by its name or place is blotted out.

    That is: users and passwords in addresses, signatures of these, and the values of variables, options and JSON
    keys that are called a password, token, key or the like.
    """
    if "://" in text and "@" in text:
        text = _USER_IN_URL.sub(f"{BLOT}@", text)
    if not _hints(text.lower()):
        return text
    return _BEARER.sub(rf"\1{BLOT}", _without_values(text))


def _hints(lower: str) -> bool:
    """Tell whether a lower-case text has a part that some name of a credential has: faster than any expression."""
    return (
        "key" in lower or "secret" in lower or "token" in lower or "auth" in lower or "pass" in lower
        or "pwd" in lower or "credential" in lower or "signature" in lower or "bearer" in lower or "sig=" in lower
    )  # fmt: skip


def _without_values(text: str) -> str:
    """Blot out what is assigned to names of credentials; quotes stay, so that JSON stays JSON."""
    parts, done = [], 0
    for match in _NAME.finditer(text):
        value = _value(text, match) if match.start() >= done else None
        if value is None:
            continue
        end = value[0][-1]
        quote = end if end in "\"'" and end in value[0][:-1] else ""
        parts += [text[done : match.end()], quote, BLOT, quote]
        done = value.end()
    return "".join((*parts, text[done:]))


def _value(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """Find the credential that follows a name and its sign; None if it is none."""
    name, sign = match[1], match[2]
    in_query = sign == "=" and text[match.start() - 1 : match.start()] in ("?", "&", ";")
    if name in {"key", "pass", "sig"} and not in_query:  # words of any program
        return None
    if not (is_secret_name(name) or (in_query and re.search("KEY|SIG", name, re.IGNORECASE))):
        return None
    return _kind_of_value(text, match, in_query=in_query).match(text, match.end())


def _kind_of_value(text: str, match: re.Match[str], *, in_query: bool) -> re.Pattern[str]:
    """Choose what a credential looks like where it stands."""
    name, sign = match[1], match[2]
    if in_query:
        return _QUERY_VALUE
    if sign == ":":
        quoted = text[match.end(1)] in "\"'"  # as in JSON, where a bare number, null or brace is none
        if _PLAIN_NAME.search(name):
            return _QUOTED_VALUE if quoted else _VALUE
        return _QUOTED_RANDOM_VALUE if quoted else _RANDOM_VALUE
    line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
    # As env prints it, a value with blanks is not in quotes.
    is_dumped = name.isidentifier() and name.isupper() and line.strip() in _EXPORT
    return _REST_OF_LINE if is_dumped else _VALUE


def visible(text: str) -> str:
    """Return a text without escape sequences and control characters, which would steer the terminal that shows it.

    Tabs and line feeds stay; any other control character becomes U+FFFD.
    """
    if not _CONTROL.search(text):
        return text
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _ESCAPE.sub("", text))


@frozen
class Blotter:
    """Makes texts of others fit to be shown: without control characters, and without credentials.

    Attributes
    ----------
    values
        Credentials that are known, to be blotted out wherever they appear.
    """

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, *environments: Mapping[str, str]) -> Blotter:
        """Make one that knows the credentials in environments, those within addresses included."""
        found: set[str] = set()
        for environment in environments:
            for name, value in environment.items():
                if is_secret_name(name) and not _PLACE_NAME.search(name):
                    found.add(value.strip())
                found.update(_in_address(value))
        longest_first = sorted(found, key=lambda value: (-len(value), value))
        return cls(tuple(value for value in longest_first if len(value) >= _SHORTEST))

    def __call__(self, text: str) -> str:
        """Return a text as it may be shown; the same object if there is nothing to hide."""
        # An engine may print 100 MB: most lines pass with these few looks at them, the fastest that there are.
        if not (text.isascii() and len(text.encode().translate(None, _ASCII_CONTROLS)) == len(text)):
            text = visible(text)
        if "=" in text or ":" in text or "earer" in text:
            text = blotted(text)
        for value in self.values:
            if value in text:
                text = text.replace(value, BLOT)
        return text


def _in_address(value: str) -> set[str]:
    """Find the password, or the lone user, of an address."""
    match = _USER_IN_URL.search(value) if "://" in value else None
    if match is None:
        return set()
    user, colon, password = match[0].removesuffix("@").partition(":")
    secret = password if colon else user
    return {secret, unquote(secret)}
