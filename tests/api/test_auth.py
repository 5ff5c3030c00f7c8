"""Keys, roles, groups, and the refusal to be open to a network."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from api.auth import OPERATOR, Keyring, check_bind, load_keyring
from api.errors import ForbiddenError, SettingsError, UnauthorizedError, UnsafeBindError

KEY = "0123456789abcdef-reader"


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_without_keys_everyone_here_is_the_operator() -> None:
    assert load_keyring(None).viewer(None) is OPERATOR


def test_without_keys_only_this_machine_is_served() -> None:
    open_ring = Keyring(None)
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.9"):
        check_bind(host, open_ring)
    for host in ("0.0.0.0", "::", "192.168.1.4", "example.org", ""):
        with pytest.raises(UnsafeBindError):
            check_bind(host, open_ring)


def test_keys_name_user_role_and_groups(tmp_path: Path) -> None:
    hashed = hashlib.sha256(b"another-key-of-an-admin").hexdigest()
    path = write(
        tmp_path / "keys.toml",
        f'[[keys]]\nkey = "{KEY}"\nuser = "li"\ngroups = ["finance"]\n'
        f'[[keys]]\nkey = "sha256:{hashed}"\nuser = "wang"\nrole = "admin"\n',
    )
    ring = load_keyring(path)
    reader = ring.viewer(KEY)
    assert (reader.user, reader.role, reader.groups) == ("li", "reader", frozenset({"finance"}))
    assert ring.viewer("another-key-of-an-admin").groups is None
    check_bind("0.0.0.0", ring)
    with pytest.raises(ForbiddenError):
        reader.require("editor")
    for wrong in (None, "", "nonsense", hashed):
        with pytest.raises(UnauthorizedError):
            ring.viewer(wrong)


def test_all_mistakes_of_the_file_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path / "keys.toml",
        '[[keys]]\nkey = "short"\nrole = "boss"\n[[keys]]\nkey = "long-enough-key-here"\nuser="x"\ngroup=1\n',
    )
    with pytest.raises(SettingsError) as caught:
        load_keyring(path)
    text = str(caught.value)
    assert "16 characters" in text
    assert "boss" not in text or "role" in text
    assert "group" in text
    assert "short" not in text
    with pytest.raises(SettingsError, match="cannot be read"):
        load_keyring(tmp_path / "missing.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keys = 5\n", r"has no \[\[keys\]\]"),
        ("", r"has no \[\[keys\]\]"),
        (f'[[keys]]\nkey = "{KEY}"\nuser = "a"\n' * 2, "same key"),
        ('[[keys]]\nkey = "sha256:not-a-digest-at-all"\nuser = "a"\n', "64 hex digits"),
        (f'role = "admin"\n[[keys]]\nkey = "{KEY}"\nuser = "a"\n', "unknown: role"),
    ],
)
def test_a_file_that_would_not_do_what_it_says_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        load_keyring(write(tmp_path / "keys.toml", text))
