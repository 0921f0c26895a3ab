"""The form of a policy: what each of its settings looks like on a page, and what was typed into it, as the policy understands it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from typing import Any, cast

from approvals.policies.two_people import in_words
from approvals.rulings import Policy
from approvals.tools import gated
from approvals.verdicts import PolicySettings, Widget
from kernel.arguments import fitted
from kernel.errors import InvalidArguments
from surfaces.portal.refusals import PolicyUnfit

LONGEST = 400
CENTS = 100
AMOUNT = re.compile(r"[0-9]{1,9}([.,][0-9]{1,2})?")


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting on the page."""

    name: str
    title: str
    widget: Widget
    typed: str
    """What stands in its box."""
    ticked: frozenset[str]
    """Which of its choices are ticked."""
    choices: tuple[tuple[str, str], ...]
    """Each by its name, and in words."""


def entries(policy: Policy, settings: PolicySettings) -> list[Entry]:
    """Everything that can be set, as it stands."""
    return [_entry(name, field.title or name, _widget(policy, name), getattr(settings, name)) for name, field in policy.settings.model_fields.items()]


def _widget(policy: Policy, name: str) -> Widget:
    extra = policy.settings.model_fields[name].json_schema_extra
    return cast("Widget", extra["widget"] if isinstance(extra, dict) else "number")


def _entry(name: str, title: str, widget: Widget, value: Any) -> Entry:
    ticked = frozenset({"on"} if value is True else value if widget == "actions" else ())
    return Entry(name, title, widget, _shown(widget, value), ticked, tuple((action, in_words(action)) for action in gated()) if widget == "actions" else ())


def _shown(widget: Widget, value: Any) -> str:
    if value is None or widget in ("tick", "actions"):
        return ""
    if widget == "money":
        return f"{Decimal(value) / CENTS:.2f}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def typed(policy: Policy, form: Mapping[str, str]) -> PolicySettings:
    """What the form says, as settings. Raises PolicyUnfit."""
    given = {name: _read(name, _widget(policy, name), form) for name in policy.settings.model_fields}
    try:
        return fitted(policy.settings, {name: value for name, value in given.items() if value != ""})
    except InvalidArguments as refused:
        said = refused.sentence
        for name, field in policy.settings.model_fields.items():
            said = said.replace(f"'{name}'", f"“{field.title}”")
        raise PolicyUnfit(said.replace("'arguments' ", "").capitalize() if said.startswith("'arguments'") else said) from None


def _read(name: str, widget: Widget, form: Mapping[str, str]) -> Any:
    if widget == "tick":
        return f"set-{name}" in form
    if widget == "actions":
        return [action for action in gated() if f"set-{name}-{action}" in form]
    said = form.get(f"set-{name}", "").strip()[:LONGEST]
    if widget == "money" and said:
        return _cents(said)
    return said


def _cents(said: str) -> int | str:
    """The amount in minor units; what is none stays as it was typed, and is refused as such."""
    return int(Decimal(said.replace(",", ".")) * CENTS) if AMOUNT.fullmatch(said) else said
