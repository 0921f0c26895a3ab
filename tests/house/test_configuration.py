"""docs/configuration.md names every variable that the settings read, with the values that it takes and its true default; and no other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import AliasChoices, SecretStr

from kernel.settings import Settings
from tests.house.tree import ROOT, refuse

PAGE = ROOT / "docs" / "configuration.md"
ROW = re.compile(r"^\| `([A-Z][A-Z0-9_]+)` \| (.+) \| ([^|]+) \|$", re.MULTILINE)
OTEL = frozenset({"OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_SERVICE_NAME", "OTEL_SDK_DISABLED"})
"""Read by OpenTelemetry's SDK, and by what decides whether that is used."""
BESIDE = OTEL | frozenset({"FORWARDED_ALLOW_IPS", "SAYSO_URL", "SAYSO_API_KEY", "SAYSO_CONFIG", "SAYSO_PG_BIN", "SAYSO_REDIS_BIN", "SAYSO_PYTHON"})
"""Read by uvicorn, by the client, by the private servers and by ./dev, not by the settings."""
IN_WORDS = frozenset({"SAYSO_SECRET_KEY", "SAYSO_DATA_DIR", "SAYSO_BASE_URL", "SAYSO_REGISTRATION"})
"""Defaults that depend on something else."""


def read_variables() -> dict[str, Any]:
    """Each variable of the settings, with its field."""
    return {str(field.validation_alias.choices[0]): field for field in Settings.model_fields.values() if isinstance(field.validation_alias, AliasChoices)}


def told(page: str) -> dict[str, tuple[str, str]]:
    """Each variable of the page, with its words and its default."""
    return {name: (words, default.strip()) for name, words, default in ROW.findall(page)}


def faults(page: str, fields: Mapping[str, Any]) -> Iterator[str]:
    """Where the page and the settings disagree."""
    rows = told(page)
    yield from (f"{name} has no row in docs/configuration.md" for name in fields.keys() - rows.keys())
    yield from (f"{name} is told of, and nothing reads it" for name in rows.keys() - fields.keys() - BESIDE)
    for name in fields.keys() & rows.keys():
        words, default = rows[name]
        yield from (f"{name}: the value {value} is not told of" for value in get_args(fields[name].annotation) if isinstance(value, str) and value not in words)
        if name not in IN_WORDS and default != shown(fields[name].default):
            yield f"{name}: the default is {shown(fields[name].default)}, and the page says {default}"


def shown(default: object) -> str:
    """A default as the page writes it."""
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    if plain is None or plain in ("", Path()):
        return "empty"
    if isinstance(plain, bool):
        return "on" if plain else "off"
    return f"`{plain:g}`" if isinstance(plain, float) else f"`{plain}`"


def test_configuration_tells_of_every_variable_as_it_is() -> None:
    refuse(faults(PAGE.read_text(), read_variables()))


def test_faults_catch_a_lost_row_a_wrong_default_and_a_lost_value() -> None:
    page, fields = PAGE.read_text(), read_variables()
    assert list(faults(page.replace("| `SAYSO_SLOTS` |", "| SLOTS |"), fields)) == ["SAYSO_SLOTS has no row in docs/configuration.md"]
    assert any("SAYSO_SLOTS" in fault for fault in faults(page.replace("| `64` |", "| `65` |"), fields))
    assert any("twilio" in fault for fault in faults(page.replace("`twilio`", "`other`"), fields))
    assert any("nothing reads it" in fault for fault in faults(page + "\n| `SAYSO_GONE` | x | empty |\n", fields))
