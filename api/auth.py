"""Who is asking: API keys with user, role and groups; without keys, the local operator on this machine."""

from __future__ import annotations

import hashlib
import hmac
import re
import tomllib
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Literal, cast

from api.errors import ForbiddenError, SettingProblem, SettingsError, UnauthorizedError, UnsafeBindError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Role = Literal["reader", "editor", "admin"]
_RANK: dict[str, int] = {"reader": 0, "editor": 1, "admin": 2}
_HASHED = "sha256:"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Viewer:
    """A known asker; `groups` None sees every document."""

    user: str
    role: Role
    groups: frozenset[str] | None

    def require(self, role: Role) -> None:
        """Raise ForbiddenError unless this viewer has at least `role`."""
        if _RANK[self.role] < _RANK[role]:
            raise ForbiddenError(self.user, role)


OPERATOR = Viewer("local", "admin", None)


class Keyring:
    """The keys of one file; a key is kept as its SHA-256 only."""

    def __init__(self, viewers: Mapping[str, Viewer] | None) -> None:
        self._viewers = viewers

    @property
    def open(self) -> bool:
        """Whether there are no keys, so that whoever reaches this machine's loopback is the operator."""
        return self._viewers is None

    def viewer(self, key: str | None) -> Viewer:
        """Return who holds `key`. Raises UnauthorizedError for no key or an unknown one."""
        if self._viewers is None:
            return OPERATOR
        digest = hashlib.sha256((key or "").encode()).hexdigest()
        found = None
        for known, viewer in self._viewers.items():
            # Every key is compared, in constant time, so that timing tells nothing.
            if hmac.compare_digest(known, digest):
                found = viewer
        if found is None:
            raise UnauthorizedError
        return found


def load_keyring(path: Path | None) -> Keyring:
    """Read a TOML file of `[[keys]]` tables: `key` (plain, or `sha256:` and 64 hex digits), `user`, `role`, `groups`.

    A key without `groups` sees only documents for everyone; an admin sees all. Raises SettingsError listing all mistakes.
    """
    if path is None:
        return Keyring(None)
    try:
        file = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            [SettingProblem("TERMROUTE_API_KEYS", str(path), f"cannot be read: {error}")]
        ) from error
    entries = file.get("keys")
    if not isinstance(entries, list) or not entries:
        raise SettingsError([SettingProblem("TERMROUTE_API_KEYS", str(path), "has no [[keys]] table")])
    viewers: dict[str, Viewer] = {}
    problems = [_in_file(path, f"unknown: {name}; allowed: [[keys]]") for name in file if name != "keys"]
    for number, entry in enumerate(entries, 1):
        mistakes = _mistakes(entry)
        if not mistakes and _digest(entry["key"]) in viewers:
            mistakes = ["is the same key as one above; each user needs a key of their own"]
        problems += [_in_file(path, mistake, number) for mistake in mistakes]
        if not mistakes:
            viewers[_digest(entry["key"])] = _viewer(entry)
    if problems:
        raise SettingsError(problems)
    return Keyring(viewers)


def _in_file(path: Path, mistake: str, number: int | None = None) -> SettingProblem:
    return SettingProblem(f"{path}, key {number}" if number else str(path), "", mistake)


def check_bind(host: str, keyring: Keyring) -> None:
    """Raise UnsafeBindError for an address beyond this machine while there are no keys."""
    if keyring.open and not is_loopback(host):
        raise UnsafeBindError(host)


def is_loopback(host: str) -> bool:
    """Tell whether `host` names this machine alone."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _mistakes(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return ["is not a table"]
    mistakes = []
    key = entry.get("key")
    if not isinstance(key, str) or len(key) < 16:
        mistakes.append("`key` must be a string of at least 16 characters")
    elif key.startswith(_HASHED) and not _SHA256.fullmatch(key.removeprefix(_HASHED)):
        mistakes.append("`key` begins with sha256: and must go on with the 64 hex digits of a SHA-256")
    if not isinstance(entry.get("user"), str) or not entry["user"]:
        mistakes.append("`user` must be a name")
    if entry.get("role", "reader") not in _RANK:
        mistakes.append("`role` must be reader, editor or admin")
    groups = entry.get("groups", [])
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        mistakes.append("`groups` must be a list of names")
    unknown = set(entry) - {"key", "user", "role", "groups"}
    if unknown:
        mistakes.append(f"unknown: {', '.join(sorted(map(str, unknown)))}; allowed: key, user, role, groups")
    return mistakes


def _digest(key: str) -> str:
    return (
        key.removeprefix(_HASHED).lower()
        if key.startswith(_HASHED)
        else hashlib.sha256(key.encode()).hexdigest()
    )


def _viewer(entry: Mapping[str, Any]) -> Viewer:
    role = cast("Role", entry.get("role", "reader"))
    groups = None if role == "admin" else frozenset(entry.get("groups", []))
    return Viewer(str(entry["user"]), role, groups)
