"""Where the command line's client calls and with which key: option, environment, then a file that nobody else may read."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from platformdirs import user_config_path

from kernel.settings import command, home_environment

DEFAULT_URL = "http://127.0.0.1:8000"
MCP_PATH = "/mcp"
LONG_ENOUGH = 24
PREFIX, SUFFIX = 10, 4


class Failure(Exception):
    """A command that did not work: what a script branches on, and what a person does next."""

    EXITS: ClassVar[dict[str, int]] = {"usage": 2, "auth": 3, "unreachable": 4, "tool": 5}

    def __init__(self, kind: str, code: str, message: str, next_step: str) -> None:
        self.exit_code = self.EXITS[kind]
        self.body = {"code": code, "message": message, "nextStep": next_step}
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Target:
    """The address of `/mcp`, the key, and where the key was found."""

    url: str
    key: str | None
    source: str

    def shown_key(self) -> str:
        """Enough of the key to know which it is, never enough to use it."""
        return masked(self.key) if self.key else "not set"


def masked(key: str) -> str:
    """How a key begins and ends."""
    return f"{key[:PREFIX]}…{key[-SUFFIX:]}" if len(key) >= LONG_ENOUGH else "…"


def config_path() -> Path:
    """The client's file; `SAYSO_CONFIG` names another."""
    named = home_environment().get("SAYSO_CONFIG")
    return Path(named) if named else user_config_path("sayso", appauthor=False) / "config.json"


def find_address(url: str | None) -> str:
    """The server's address."""
    base = url or home_environment().get("SAYSO_URL") or load_config().get("url") or DEFAULT_URL
    if not base.startswith(("http://", "https://")):
        raise Failure("usage", "bad_url", "The address does not begin with http:// or https://.", "Give --url or SAYSO_URL as in https://sayso.example.")
    return base


def nobody_at(base: str) -> Target:
    """The server without any credential."""
    return Target(_mcp(base), None, "nowhere")


def find_target(url: str | None, key: str | None = None) -> Target:
    """What the option, the environment and the file say; the first that says something wins."""
    environment, kept = home_environment(), load_config()
    base = find_address(url)
    if key:
        return Target(_mcp(base), key.strip(), "--api-key")
    if environment.get("SAYSO_API_KEY"):
        return Target(_mcp(base), environment["SAYSO_API_KEY"].strip(), "SAYSO_API_KEY")
    return Target(_mcp(base), kept.get("apiKey"), str(config_path()) if kept.get("apiKey") else "nowhere")


def find_person_target(url: str | None) -> Target:
    """Where this person is signed in; the session is shown to the server that gave it and to no other."""
    kept = load_config()
    base = url or home_environment().get("SAYSO_URL") or kept.get("personUrl") or find_address(None)
    token = kept.get("personToken") if kept.get("personUrl") == base else None
    if not token:
        raise Failure("auth", "not_signed_in", f"No person is signed in at {base}.", f"Sign in: {command()} login")
    return Target(_mcp(base), token, str(config_path()))


def load_config() -> dict[str, str]:
    """What the file says; refused when others may read it, for the key in it would be theirs too."""
    path = config_path()
    if not path.exists():
        return {}
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Failure("usage", "config_exposed", f"{path} can be read by others.", f"chmod 600 {path}, and revoke the key if others use this machine.")
    try:
        kept: Any = json.loads(path.read_text("utf-8"))
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise Failure("usage", "config_unreadable", f"{path} is not a JSON object.", 'Write {"url": …, "apiKey": …}, or remove it.')
    return {str(name): str(value) for name, value in kept.items()}


def save_config(**changes: str | None) -> Path:
    """Keep the changes (None strikes one out), readable by the owner only from the first byte, and whole even when the power fails."""
    path = config_path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    with os.fdopen(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({name: value for name, value in {**load_config(), **changes}.items() if value is not None}, file, indent=2)
    return written.replace(path)


def _mcp(base: str) -> str:
    return base.rstrip("/").removesuffix(MCP_PATH) + MCP_PATH
