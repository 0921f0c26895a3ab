"""Secrets from files: `SAYSO_SECRET_KEY_FILE=/run/secrets/key` stands for the variable without `_FILE`, for every secret there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

SUFFIX = "_FILE"
LONGEST = 65_536


class FileRefused(ValueError):
    """A secret's file cannot be used; the sentence names the variable and shows neither the secret nor the path, which may be one by mistake."""


def read_secrets(environment: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """The secrets that files hold, by the variable each stands for. Raises FileRefused."""
    return {name: _read(name, environment[name + SUFFIX], environment.get(name, "")) for name in names if environment.get(name + SUFFIX)}


def _read(name: str, path: str, beside: str) -> str:
    if beside:
        raise FileRefused(f"{name} and {name}{SUFFIX} are both set: keep one.")
    try:
        with Path(path).open("rb") as file:
            held = file.read(LONGEST + 1)
        secret = held.decode()
    except UnicodeDecodeError:
        raise FileRefused(f"{name}{SUFFIX} names a file that is no text (UTF-8).") from None
    except (OSError, ValueError) as fault:
        raise FileRefused(f"{name}{SUFFIX} names a file that cannot be read ({getattr(fault, 'strerror', None) or 'not a path'}).") from None
    # Editors and `echo` end a file with a line break, which is no part of the secret.
    secret = secret.removesuffix("\n").removesuffix("\r")
    if not secret.strip() or len(held) > LONGEST:
        raise FileRefused(f"{name}{SUFFIX} names a file that is empty or too long.")
    return secret
