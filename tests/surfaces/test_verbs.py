"""The verbs that are data: each calls a tool that exists, with arguments that it takes, and nothing it needs is left out."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from surfaces import verb as house
from surfaces.verb import FAMILIES, Take, Verb, verbs
from tests.house.declared import OPERATIONS, wire

VERBS = verbs()


def faults(verb: Verb) -> Iterator[str]:
    """What does not fit the tool."""
    operation = OPERATIONS.get(verb.tool)
    if operation is None:
        yield f"there is no tool {verb.tool}"
        return
    schema = wire(operation)["inputSchema"]
    said = {take.name.partition(".")[0] for take in verb.takes} | set(verb.fixed)
    yield from (f"{verb.tool} takes no {name}" for name in said - set(schema["properties"]))
    yield from (f"{verb.tool} needs {name}" for name in set(schema.get("required", [])) - said)
    if " " in verb.words and verb.words.split()[0] not in FAMILIES:
        yield f"{verb.words.split()[0]} is no family"


@pytest.mark.parametrize("verb", VERBS, ids=[verb.words for verb in VERBS])
def test_verb_fits_its_tool(verb: Verb) -> None:
    assert list(faults(verb)) == []


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (Verb("members fly", "fly_member", "Fly."), "there is no tool"),
        (Verb("members show", "get_member_profile", "Show.", (Take("accountId", "Which."), Take("wings", "How many."))), "takes no wings"),
        (Verb("members show", "get_member_profile", "Show."), "needs accountId"),
        (Verb("birds show", "get_member_profile", "Show.", (Take("accountId", "Which."),)), "no family"),
    ],
)
def test_faults_of_a_verb_catch_each_way(verb: Verb, said: str) -> None:
    assert any(said in fault for fault in faults(verb))


def test_words_are_said_once() -> None:
    assert len({verb.words for verb in VERBS}) == len(VERBS)


def test_arguments_are_taken_from_options_and_gathered_into_objects() -> None:
    takes = (Take("customer.name", "Who.", option="name"), Take("customer.email", "Where.", option="email"), Take("from", "When."), Take("tags", "Which."))
    verb = Verb("members x", "x", "X.", takes, fixed={"limit": 5})
    given: dict[str, Any] = {"customer_name_": "Mia", "customer_email_": None, "from_": "2026-05-18", "tags_": []}
    assert verb.asked(given) == {"limit": 5, "customer": {"name": "Mia"}, "from": "2026-05-18"}


@pytest.mark.parametrize(("required", "default"), [(True, inspect.Parameter.empty), (False, None)])
def test_what_is_required_has_no_default(required: Literal[True, False], default: object) -> None:
    assert Take("limit", "How many.", int, required=required).declared().default is default


def test_families_say_what_they_hold() -> None:
    assert all(words.endswith(".") for words in FAMILIES.values())
    assert house.verbs() == VERBS
