"""The configuration contract: every environment variable Sayso reads, validated once at start.

Production refuses what would be unsafe: no secret, a guessable one, the sandbox by accident, plain http.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from kernel.addresses import is_database, is_redis, is_web
from kernel.mail_servers import is_sender, mail_server
from kernel.secret_files import FileRefused, read_secrets

Channel = Literal["whatsapp", "sms", "email"]
Medium = Literal["whatsapp", "sms", "email", "payments"]
"""What a lane is for: a channel of messages, or money."""
CHECKOUT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "development-only-secret-key"  # noqa: S105 - production refuses it
MINIMUM_SECRET = 32
OWN_SERVERS = "set SAYSO_ALLOW_OWN_SERVERS=1 for `sayso up` on one machine with a lasting disk."
LEASE_MARGIN = 2.0
MINIMUM_VARIETY = 8
PRICED = re.compile("[a-z_]+:(monthly|yearly)")
MINIMUM_TOKEN = 16
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsRefused(RuntimeError):
    """The environment does not make a safe configuration; the message names each variable and its remedy."""


def _env(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """What `SAYSO_*` and the providers' variables say; see docs/configuration.md."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: str = Field("", validation_alias=_env("SAYSO_DATABASE_URL"))
    redis_url: str = Field("", validation_alias=_env("SAYSO_REDIS_URL"))
    data_dir: Path = Field(Path(), validation_alias=_env("SAYSO_DATA_DIR"))
    base_url: str = Field("", validation_alias=_env("SAYSO_BASE_URL"))
    host: str = Field("127.0.0.1", validation_alias=_env("SAYSO_HOST"))
    port: int = Field(8000, ge=0, le=65535, validation_alias=_env("PORT"))
    secret_key: SecretStr = Field(SecretStr(DEVELOPMENT_SECRET), validation_alias=_env("SAYSO_SECRET_KEY"))
    secret_key_previous: SecretStr | None = Field(None, validation_alias=_env("SAYSO_SECRET_KEY_PREVIOUS"))
    env: Literal["development", "production"] = Field("development", validation_alias=_env("SAYSO_ENV"))
    allow_sandbox: bool = Field(default=False, validation_alias=_env("SAYSO_ALLOW_SANDBOX"))
    allow_own_servers: bool = Field(default=False, validation_alias=_env("SAYSO_ALLOW_OWN_SERVERS"))
    metrics_port: int = Field(0, ge=0, le=65535, validation_alias=_env("SAYSO_METRICS_PORT"))
    metrics_host: str = Field("127.0.0.1", validation_alias=_env("SAYSO_METRICS_HOST"))
    metrics_token: SecretStr = Field(SecretStr(""), validation_alias=_env("SAYSO_METRICS_TOKEN"))
    operator_emails: str = Field("", validation_alias=_env("SAYSO_OPERATOR_EMAILS"))
    lease_seconds: float = Field(30.0, gt=0, le=600, validation_alias=_env("SAYSO_LEASE_SECONDS"))
    call_seconds: float = Field(10.0, gt=0, le=60, validation_alias=_env("SAYSO_CALL_SECONDS"))
    slots: int = Field(64, ge=1, le=256, validation_alias=_env("SAYSO_SLOTS"))
    notice_pause_seconds: float = Field(600.0, ge=0, le=86_400, validation_alias=_env("SAYSO_NOTICE_PAUSE_SECONDS"))
    notices_per_hour: int = Field(12, ge=1, le=1000, validation_alias=_env("SAYSO_NOTICES_PER_HOUR"))
    pending_per_key: int = Field(100, ge=1, le=1_000_000, validation_alias=_env("SAYSO_PENDING_PER_KEY"))
    registration: Literal["open", "closed"] | None = Field(None, validation_alias=_env("SAYSO_REGISTRATION"))
    calls_per_second: float = Field(50.0, gt=0, le=100_000, validation_alias=_env("SAYSO_CALLS_PER_SECOND"))
    default_plan: Literal["self_hosted", "free"] = Field("self_hosted", validation_alias=_env("SAYSO_DEFAULT_PLAN"))

    whatsapp: Literal["sandbox", "twilio"] = Field("sandbox", validation_alias=_env("SAYSO_WHATSAPP"))
    sms: Literal["sandbox", "twilio"] = Field("sandbox", validation_alias=_env("SAYSO_SMS"))
    email: Literal["sandbox", "sendgrid", "smtp"] = Field("sandbox", validation_alias=_env("SAYSO_EMAIL"))
    payments: Literal["sandbox", "stripe"] = Field("sandbox", validation_alias=_env("SAYSO_PAYMENTS"))

    twilio_account_sid: str = Field("", validation_alias=_env("TWILIO_ACCOUNT_SID"))
    twilio_auth_token: SecretStr = Field(SecretStr(""), validation_alias=_env("TWILIO_AUTH_TOKEN"))
    twilio_sms_from: str = Field("", validation_alias=_env("TWILIO_SMS_FROM"))
    twilio_whatsapp_from: str = Field("", validation_alias=_env("TWILIO_WHATSAPP_FROM"))
    twilio_api_base: str = Field("https://api.twilio.com", validation_alias=_env("TWILIO_API_BASE"))
    sendgrid_api_key: SecretStr = Field(SecretStr(""), validation_alias=_env("SENDGRID_API_KEY"))
    sendgrid_from: str = Field("", validation_alias=_env("SENDGRID_FROM"))
    sendgrid_api_base: str = Field("https://api.sendgrid.com", validation_alias=_env("SENDGRID_API_BASE"))
    sendgrid_webhook_public_key: str = Field("", validation_alias=_env("SENDGRID_WEBHOOK_PUBLIC_KEY"))
    smtp_url: SecretStr = Field(SecretStr(""), validation_alias=_env("SMTP_URL"))
    smtp_from: str = Field("", validation_alias=_env("SMTP_FROM"))
    stripe_api_key: SecretStr = Field(SecretStr(""), validation_alias=_env("STRIPE_API_KEY"))
    stripe_api_base: str = Field("https://api.stripe.com", validation_alias=_env("STRIPE_API_BASE"))
    stripe_webhook_secret: SecretStr = Field(SecretStr(""), validation_alias=_env("STRIPE_WEBHOOK_SECRET"))
    stripe_plan_prices: str = Field("", validation_alias=_env("STRIPE_PLAN_PRICES"))

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        held: dict[str, Any] = dict(read_secrets(os.environ, secret_variables()))
        return init_settings, env_settings, InitSettingsSource(settings_cls, held), dotenv_settings, file_secret_settings

    @model_validator(mode="after")
    def _complete(self) -> Self:
        object.__setattr__(self, "data_dir", _absolute(self.data_dir))
        object.__setattr__(self, "base_url", (self.base_url or f"http://127.0.0.1:{self.port}").rstrip("/"))
        faults = [
            *_missing(self),
            *_astray(self),
            *_hurried(self),
            *_unmailable(self),
            *_open_to_all(self),
            *(_unsafe(self) if self.env == "production" else []),
        ]
        if faults:
            raise ValueError(" ".join(faults))
        return self

    @property
    def dial_within(self) -> float:
        """Seconds after a claim in which a call may still begin: later, it could outlive its lease."""
        return self.lease_seconds - self.call_seconds - LEASE_MARGIN / 2

    @property
    def takes_strangers(self) -> bool:
        """Whether somebody whom nobody here knows may found a business; unless it is said, in development alone."""
        return (self.registration or ("closed" if self.env == "production" else "open")) == "open"

    @property
    def secret(self) -> bytes:
        """The signing and sealing key."""
        return self.secret_key.get_secret_value().encode()

    @property
    def secrets(self) -> list[bytes]:
        """The current key first, then the previous one while a rotation lasts."""
        previous = [self.secret_key_previous.get_secret_value().encode()] if self.secret_key_previous else []
        return [self.secret, *previous]

    @property
    def plan_prices(self) -> list[tuple[str, str]]:
        """Each `plan:cycle` with a price of Stripe's that stands for it; the last one is what it is sold for, the others were."""
        pairs = (pair.partition("=") for pair in self.stripe_plan_prices.split(",") if pair.strip())
        return [(plan.strip(), price.strip()) for plan, _, price in pairs]

    @property
    def chosen(self) -> dict[Medium, str]:
        """Which provider serves the default account of each channel, and takes payments."""
        return {"whatsapp": self.whatsapp, "sms": self.sms, "email": self.email, "payments": self.payments}

    def provider_of(self, medium: Medium) -> str:
        """Which provider serves the default account of a channel, or takes payments."""
        return self.chosen[medium]


def secret_variables() -> list[str]:
    """The variables whose value is a secret, or holds one: each may come from a file instead."""
    holders = ("database_url", "redis_url")
    return [
        str(field.validation_alias.choices[0])
        for name, field in Settings.model_fields.items()
        if isinstance(field.validation_alias, AliasChoices) and ("SecretStr" in str(field.annotation) or name in holders)
    ]


def _absolute(path: Path) -> Path:
    if path != Path():
        return path.expanduser().absolute()
    return CHECKOUT / "var" if _in_checkout() else user_data_path("sayso", appauthor=False)


def _in_checkout() -> bool:
    return (CHECKOUT / "dev").is_file()


def command() -> str:
    """How a person starts our commands where this runs."""
    return "./dev" if _in_checkout() else "sayso"


def _missing(it: Settings) -> list[str]:
    needs = {
        "TWILIO_ACCOUNT_SID": "twilio" in (it.whatsapp, it.sms) and not it.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": "twilio" in (it.whatsapp, it.sms) and not it.twilio_auth_token.get_secret_value(),
        "TWILIO_SMS_FROM": it.sms == "twilio" and not it.twilio_sms_from,
        "TWILIO_WHATSAPP_FROM": it.whatsapp == "twilio" and not it.twilio_whatsapp_from,
        "SENDGRID_API_KEY": it.email == "sendgrid" and not it.sendgrid_api_key.get_secret_value(),
        "SENDGRID_FROM": it.email == "sendgrid" and not it.sendgrid_from,
        "SMTP_URL": it.email == "smtp" and not it.smtp_url.get_secret_value(),
        "SMTP_FROM": it.email == "smtp" and not it.smtp_from,
        "STRIPE_API_KEY": it.payments == "stripe" and not it.stripe_api_key.get_secret_value(),
    }
    unreadable = "STRIPE_PLAN_PRICES must read like pro:monthly=price_…,pro:yearly=price_…."
    return [
        *(f"{name} is empty, yet its provider is chosen: set it." for name, absent in needs.items() if absent),
        *([] if all(PRICED.fullmatch(plan) and price for plan, price in it.plan_prices) else [unreadable]),
    ]


def _astray(it: Settings) -> list[str]:
    """Addresses that are none; none is repeated."""
    bases = {"TWILIO_API_BASE": it.twilio_api_base, "SENDGRID_API_BASE": it.sendgrid_api_base, "STRIPE_API_BASE": it.stripe_api_base}
    faults = {
        "SAYSO_DATABASE_URL must be a PostgreSQL's, postgresql+psycopg://…/name, special characters percent-encoded.": it.database_url
        and not is_database(it.database_url),
        "SAYSO_REDIS_URL must be redis://, rediss:// or unix://, special characters percent-encoded.": it.redis_url and not is_redis(it.redis_url),
        "SAYSO_BASE_URL must be an address like https://sayso.example.": not is_web(it.base_url),
        **{f"{name} must be an address like https://api.example.": not is_web(base) for name, base in bases.items()},
    }
    return [sentence for sentence, wrong in faults.items() if wrong]


def _hurried(it: Settings) -> list[str]:
    """A call that is begun in time must also end within its lease."""
    too_short = it.lease_seconds < it.call_seconds + LEASE_MARGIN
    return [f"SAYSO_LEASE_SECONDS must exceed SAYSO_CALL_SECONDS by at least {LEASE_MARGIN:g}."] if too_short else []


def _unmailable(it: Settings) -> list[str]:
    """What makes no mail server, or no one sender; neither is repeated."""
    faults: list[str] = []
    if it.email == "smtp" and it.smtp_url.get_secret_value():
        try:
            mail_server(it.smtp_url.get_secret_value())
        except ValueError:
            faults.append("SMTP_URL must be a mail server's, smtp://…:587 or smtps://…:465, special characters percent-encoded.")
    if it.email == "smtp" and it.smtp_from and not is_sender(it.smtp_from):
        faults.append("SMTP_FROM must be one address, such as Salon <desk@salon.example>.")
    return faults


def _open_to_all(it: Settings) -> list[str]:
    """Figures about everybody are for whoever operates."""
    token = it.metrics_token.get_secret_value()
    faults = {
        "SAYSO_METRICS_TOKEN is shorter than 16 characters (try: openssl rand -hex 32).": bool(token) and len(token) < MINIMUM_TOKEN,
        "SAYSO_METRICS_HOST is not this machine alone: set SAYSO_METRICS_TOKEN too.": it.metrics_host not in LOOPBACK and not token,
    }
    return [sentence for sentence, wrong in faults.items() if wrong]


def _unsafe(it: Settings) -> list[str]:
    sandboxed = ", ".join(medium for medium, name in it.chosen.items() if name == "sandbox")
    secret = it.secret_key.get_secret_value()
    weak = secret == DEVELOPMENT_SECRET or len(secret) < MINIMUM_SECRET or len(set(secret)) < MINIMUM_VARIETY
    checks = {
        "SAYSO_SECRET_KEY must be at least 32 random characters (try: openssl rand -hex 32).": weak,
        "SAYSO_BASE_URL must be the public https address.": not it.base_url.startswith("https://"),
        f"SAYSO_DATABASE_URL is empty: name a PostgreSQL, or {OWN_SERVERS}": not (it.database_url or it.allow_own_servers),
        f"SAYSO_REDIS_URL is empty: name a Redis or Valkey, or {OWN_SERVERS}": not (it.redis_url or it.allow_own_servers),
        f"On the sandbox: {sandboxed}. Choose providers, or set SAYSO_ALLOW_SANDBOX=1.": bool(sandboxed) and not it.allow_sandbox,
    }
    return [sentence for sentence, wrong in checks.items() if wrong]


def load(**overrides: object) -> Settings:
    """Read the environment; raises SettingsRefused with one sentence per fault."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]  # overrides are validated by the model itself
    except FileRefused as refused:
        raise SettingsRefused(str(refused)) from None
    except ValidationError as refused:
        faults = refused.errors(include_url=False, include_input=False)
        raise SettingsRefused(" ".join(_sentence(fault) for fault in faults)) from None


def load_addressed() -> Settings:
    """The settings of a process that brings no servers of its own; raises SettingsRefused when an address is missing."""
    settings = load()
    empty = {"SAYSO_DATABASE_URL": not settings.database_url, "SAYSO_REDIS_URL": not settings.redis_url}
    if settings.secret_key.get_secret_value() == DEVELOPMENT_SECRET:
        raise SettingsRefused("SAYSO_SECRET_KEY must be set for this process: everybody knows the built-in one (try: openssl rand -hex 32).")
    if any(empty.values()):
        names = " and ".join(name for name, is_empty in empty.items() if is_empty)
        raise SettingsRefused(f"{names} must be set for this process; `sayso up` brings servers of its own.")
    return settings


def _sentence(fault: ErrorDetails) -> str:
    where = ".".join(map(str, fault["loc"]))
    said = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {said}." if where else said


def home_environment() -> dict[str, str]:
    """The process environment, for the client's own variables."""
    return dict(os.environ)


@cache
def version() -> str:
    """The version of Sayso."""
    return "0.1.0"
