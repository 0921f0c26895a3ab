"""Ids and secrets: sortable ids (UUIDv7, RFC 9562), `prefix_hex` on the wire; random tokens, stored as hashes only."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema
from uuid_utils.compat import uuid7

HEX_DIGITS = 32
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
    if head == prefix and len(tail) == HEX_DIGITS and tail.isascii():
        try:
            return UUID(hex=tail)
        except ValueError:
            pass
    msg = f"expected an id like {prefix}_0199… from an earlier answer"
    raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Wire:
    """For pydantic models: `Annotated[UUID, Wire("apr")]` is a UUID inside and `apr_…` outside."""

    prefix: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read the wire form, show it again."""
        shown = core_schema.plain_serializer_function_ser_schema(lambda value: show(self.prefix, value), return_schema=core_schema.str_schema())
        return core_schema.no_info_plain_validator_function(lambda value: read(self.prefix, value), serialization=shown)

    def __get_pydantic_json_schema__(self, _core: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A string with the prefix."""
        return {"type": "string", "pattern": f"^{self.prefix}_[0-9a-f]{{32}}$"}


def new_token() -> str:
    """A random URL-safe token of 128 bits (22 characters)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_from(token: str, *parts: str) -> str:
    """A token of 128 bits that only the holder of another one can tell, for each of the things that one opens."""
    return base64.urlsafe_b64encode(keyed_hash(token.encode(), *parts)[:TOKEN_BYTES]).rstrip(b"=").decode()


def new_secret() -> str:
    """A random URL-safe secret of 256 bits (43 characters), for a key that lives long."""
    return secrets.token_urlsafe(2 * TOKEN_BYTES)


def new_hook_secret() -> str:
    """A random secret that signs webhooks, as Standard Webhooks writes it: `whsec_` and the base64 of 32 bytes."""
    return f"whsec_{b64encode(secrets.token_bytes(2 * TOKEN_BYTES)).decode()}"


def new_reference() -> str:
    """A short random word that ties an answer to its line in the log; no secret."""
    return secrets.token_hex(4)


def new_trace_id() -> str:
    """The id of a trace: 32 hex digits (W3C Trace Context)."""
    return secrets.token_hex(16)


def new_span_id() -> str:
    """The id of one step in it: 16 hex digits."""
    return secrets.token_hex(8)


def new_code(digits: int = 6) -> str:
    """A random code of so many digits, for a person to type."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


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
