"""Ids and secrets: sortable ids (UUIDv7, RFC 9562), `prefix_hex` on the wire; random tokens, stored as hashes only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from uuid_utils.compat import uuid7

TOKEN_BYTES = 16
"""128 bits: an approval link cannot be guessed."""


def new_id() -> UUID:
    """A new id; ids made later sort later."""
    return uuid7()


def show(prefix: str, value: UUID) -> str:
    """The wire form of an id: `apr_0199…` (32 hex digits)."""
    return f"{prefix}_{value.hex}"


def read(prefix: str, value: Any) -> UUID:
    """Parse the wire form; raises ValueError with a sentence that names the expected prefix."""
    if isinstance(value, UUID):
        return value
    head, _, tail = str(value).partition("_")
    if head == prefix and len(tail) == 32 and tail.isascii():
        try:
            return UUID(hex=tail)
        except ValueError:
            pass
    msg = f"expected an id like {prefix}_0199… from an earlier answer"
    raise ValueError(msg)


def wire_id(prefix: str) -> Any:
    """An annotated type for pydantic models: UUID inside, `prefix_hex` outside."""
    return Annotated[
        UUID,
        BeforeValidator(lambda value: read(prefix, value)),
        PlainSerializer(lambda value: show(prefix, value), return_type=str),
        WithJsonSchema({"type": "string", "pattern": f"^{prefix}_[0-9a-f]{{32}}$"}),
    ]


def new_token() -> str:
    """A random URL-safe token of 128 bits (22 characters)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_code() -> str:
    """A random code of six digits, for a person to type."""
    return f"{secrets.randbelow(1_000_000):06d}"


def digest_of(data: bytes) -> bytes:
    """SHA-256 of the bytes (32 bytes)."""
    return hashlib.sha256(data).digest()


def token_hash(token: str) -> bytes:
    """How a random token is stored: SHA-256 is enough for 128 random bits."""
    return digest_of(token.encode())


def keyed_hash(key: bytes, *parts: str) -> bytes:
    """How something guessable (a six-digit code) is stored: HMAC-SHA-256 under a key that is not in the database."""
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).digest()


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left, right)
