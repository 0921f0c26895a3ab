"""What is set as an address is one, or is refused by its variable's name: never later, and never with the password in it."""

from __future__ import annotations

import pytest

from kernel.settings import SettingsRefused, load

CANARY = "canary"
GOOD = {
    "SAYSO_DATABASE_URL": (
        "postgresql+psycopg://owner:p%2Fw%40rd@db.example:5432/sayso?sslmode=require",
        "postgresql://owner@db/sayso",
        "postgresql+psycopg://sayso@/sayso?host=%2Frun%2Fpg&port=5432",
    ),
    "SAYSO_REDIS_URL": ("redis://:p%2Fw@redis.example:6379/0", "rediss://redis.example", "unix:///run/valkey.sock?db=3"),
    "SAYSO_BASE_URL": ("https://sayso.example", "http://127.0.0.1:8000/", "https://example.com/sayso"),
    "TWILIO_API_BASE": ("https://api.twilio.com", "http://[::1]:9"),
}
BAD = {
    "SAYSO_DATABASE_URL": (
        f"postgres://owner:{CANARY}@db/sayso",
        f"mysql://owner:{CANARY}@db/sayso",
        f"postgresql+psycopg://owner:{CANARY}@db",
        f"postgresql+psycopg://owner:{CANARY}@db:port/sayso",
        CANARY,
        f"{CANARY} {CANARY}",
    ),
    "SAYSO_REDIS_URL": (f"redis://:{CANARY}/{CANARY}@redis:6379/0", f"http://{CANARY}", CANARY, "127.0.0.1:6379", "unix://", "redis://"),
    "SAYSO_BASE_URL": (CANARY, f"https://owner:{CANARY}@sayso.example", "http://[::1", f"ftp://{CANARY}", "https://", f"https://sayso.example?{CANARY}"),
    "TWILIO_API_BASE": (CANARY, "http://127.0.0.1:99999", f"http://{CANARY} .example"),
    "SENDGRID_API_BASE": (CANARY,),
    "STRIPE_API_BASE": (CANARY,),
}


@pytest.mark.parametrize(("name", "address"), [(name, address) for name, addresses in GOOD.items() for address in addresses])
def test_an_address_is_taken(name: str, address: str) -> None:
    load(**{name: address})


@pytest.mark.parametrize(("name", "address"), [(name, address) for name, addresses in BAD.items() for address in addresses])
def test_what_is_no_address_is_refused_by_its_name_and_not_repeated(name: str, address: str) -> None:
    with pytest.raises(SettingsRefused, match=f"^{name} must be") as refused:
        load(**{name: address})
    assert CANARY not in str(refused.value)
