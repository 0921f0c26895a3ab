"""Names say what a thing is: no words that fit everything, tools are `verb_noun`, tests say what they show."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.house.declared import OPERATIONS
from tests.house.tree import Fault, Source, caught, everywhere, hold, refuse, sources

EMPTY = frozenset({"util", "utils", "helper", "helpers", "common", "misc", "base", "manager"})
VERBS = re.compile(
    r"accept|add|book|cancel|check|complete|confirm|create|delete|describe|end|find|finish|get|invite|issue|list|mark|pause|publish"
    r"|query|record|refund|register|remove|replay|report|request|reschedule|resolve|resume|revoke|search|send|set|start|subscribe|switch|update|void|withdraw"
    r"|attach|earn|enrol|erase|export|import|preview|redeem|validate"
)
"""The verbs of our tools; a new one only where none of these will do."""
WORDS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
TEST = re.compile(r"test_[a-z0-9]+(_[a-z0-9]+)+")


def words(name: str) -> list[str]:
    """The words of a snake_case or CamelCase name."""
    return [word.lower() for word in WORDS.findall(name)]


def names(source: Source) -> Iterator[Fault]:
    """Modules, classes and functions whose name says nothing."""
    for part in PurePosixPath(source.path).with_suffix("").parts:
        yield from ((1, f"the module's name has “{word}” in it: say what it holds") for word in _empty(part, part))
    for node in source.nodes:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            kind = node.name if isinstance(node, ast.ClassDef) else ""
            yield from ((node.lineno, f"{node.name} has “{word}” in its name: say what it does or is") for word in _empty(node.name, kind))


def _empty(name: str, thing: str) -> set[str]:
    """A service alone is what a business sells; `BookingService` is a class that does everything about bookings."""
    said = words(name)
    trailing = {"service"} if len(words(thing)) > 1 and words(thing)[-1] == "service" else set()
    return (EMPTY & set(said)) | trailing


def silent_tests(source: Source) -> Iterator[Fault]:
    """Tests whose name does not say what they show."""
    for function in source.functions:
        if function.name.startswith("test") and not TEST.fullmatch(function.name):
            yield function.lineno, f"{function.name}: a test's name is test_<what>_<when>"


def misnamed(name: str) -> bool:
    """Whether a tool's name is no verb and noun."""
    verb, _, noun = name.partition("_")
    return not VERBS.fullmatch(verb) or not noun or not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)


def test_no_name_fits_everything() -> None:
    hold(names, everywhere())


def test_every_test_says_what_it_shows() -> None:
    hold(silent_tests, [source for source in sources("tests") if "/test_" in source.path])


def test_every_tool_is_a_verb_and_a_noun() -> None:
    every = {name for operation in OPERATIONS.values() for name in (operation.name, *operation.aliases)}
    refuse(f"{name}: a tool is verb_noun, with a verb that other tools use (see VERBS)" for name in sorted(every) if misnamed(name))


def test_names_catch_empty_words() -> None:
    assert caught(names, "x = 1", "crm/common.py")
    assert caught(names, "x = 1", "crm/booking_service.py")
    assert caught(names, "class BookingService: ...")
    assert caught(names, "class LaneManager: ...")
    assert caught(names, "def string_utils(): ...")
    assert caught(silent_tests, "def test_it(): ...")
    assert misnamed("messages")
    assert misnamed("booking_create")


def test_names_let_the_rest_pass() -> None:
    assert not caught(names, "class Service: ...\nclass Database: ...\ndef create_service(): ...", "crm/services/rules.py")
    assert not misnamed("send_sms")
