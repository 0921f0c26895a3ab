"""Secrets at rest and signed values: authenticated encryption (Fernet) and signatures under keys derived from the secret key.

Rotation: the first secret seals and signs, every listed secret opens and verifies.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, TimestampSigner, URLSafeTimedSerializer
from typing_extensions import override

from kernel import clock

AHEAD = 300
"""Seconds by which clocks of two machines may differ, and what one signed is still good at the other."""


def derived(secret: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose (HKDF, RFC 5869), so that no key serves twice."""
    return HKDF(algorithm=SHA256(), length=32, salt=b"sayso", info=purpose.encode()).derive(secret)


def _box(secrets: Sequence[bytes]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(secret, "seal"))) for secret in secrets])


def seal(secrets: Sequence[bytes], data: bytes) -> bytes:
    """Encrypt and authenticate."""
    return _box(secrets).encrypt(data)


def unseal(secrets: Sequence[bytes], sealed: bytes) -> bytes | None:
    """Decrypt; None when no key opens it or it was altered."""
    try:
        return _box(secrets).decrypt(sealed)
    except InvalidToken:
        return None


class _Dated(TimestampSigner):
    """Signs with the time of `kernel.clock`."""

    @override
    def get_timestamp(self) -> int:
        return int(clock.now().timestamp())


@lru_cache(16)
def _signer(secrets: tuple[bytes, ...], purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer([derived(secret, "sign") for secret in reversed(secrets)], salt=purpose, signer=_Dated)


def sign(secrets: Sequence[bytes], purpose: str, value: str) -> str:
    """A signed, dated, URL-safe form of a value (form nonces, callback references)."""
    return str(_signer(tuple(secrets), purpose).dumps(value))


def verify(secrets: Sequence[bytes], purpose: str, signed: str, max_age: int, ahead: int = AHEAD) -> str | None:
    """The value, when signed for this purpose no more than `max_age` seconds ago by a clock at most `ahead` seconds ahead of ours; else None."""
    try:
        value, dated = _signer(tuple(secrets), purpose).loads(signed, return_timestamp=True)
    except BadData:
        return None
    age = (clock.now() - dated).total_seconds()
    return str(value) if -ahead <= age <= max_age else None
