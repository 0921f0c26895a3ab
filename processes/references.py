"""The reference pages drawn from what a program meets: every command, every refusal, every route."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from kernel import discover
from kernel.errors import SaysoError
from kernel.operation import REGISTRY
from surfaces.openapi import REFUSALS
from surfaces.target import Failure

DOCS = Path(__file__).resolve().parent.parent / "docs"
ROOMS = ("crm", "approvals", "outbox", "providers", "surfaces", "workers", "processes", "kernel")
"""Where a refusal may be declared; every module of these rooms is read."""
SHARED = frozenset({"as_json", "url"})
"""Options of every verb of the client; said once, at the top."""
DECISIONS = """# Decisions

Why things are so. Each record says what was decided, what else there was, and the price.
"""
COMMANDS = """# Commands

In a checkout each command is `./dev <command>`; where Sayso is installed it is `sayso <command>`. Those that call a server take four options more:

| option | meaning |
|---|---|
| `--json` | JSON on standard output; a failure is one line of JSON on standard error |
| `--url` | the address of the server; else `SAYSO_URL`, the configuration file, `http://127.0.0.1:8000` |
| `--api-key` | the key, for once, before the command; `SAYSO_API_KEY` is safer, for a shell remembers what it was told |
| `--show-key` | show a key in full where it is masked; before the command |

A command that fails says in one sentence what went wrong, and what to do next.
"""
ERRORS = """# Errors

A refusal is the same on every surface: a stable `code`, a sentence for people (`message`) and what to do now (`nextStep`). Some carry `details`.
Branch on the code. The words may become better; the code stays.

Over REST the status is the one below and the body is `application/problem+json`. Over MCP the result has `isError` set, and the same object as its text. \
On the command line the exit code says the kind, and `--json` prints the object.
"""
ROUTES = """# REST and OpenAPI

Every tool is one route: `POST /api/<tool>` with its arguments as one JSON object, and `Authorization: Bearer` with an agent's key. \
The answer is a JSON object. [Tools](tools.md) says what each takes; a running server describes all of it as OpenAPI 3.1 at `/openapi.json`.

| header | meaning |
|---|---|
| `Authorization: Bearer sayso_mcp_…` | the key; without it only the tools below that need none answer |
| `Content-Type: application/json` | always, also for `{}` |
| `Sayso-Toolset: bookings,contacts:read` | only these scopes of the key, `:read` only what reads; never more than the key holds |

A tool that changes something takes `idempotencyKey`. The same key with the same arguments gives the first answer again, with `replayed`; \
with other arguments it is refused.
"""


def commands() -> Iterator[str]:
    """The page of commands, family by family."""
    yield from (COMMANDS, "| exit code | when |", "|---|---|", "| 0 | it worked |", "| 1 | the host's command was refused |", *_exits(), "")
    # The command imports every process; this page is the only one that needs it.
    typer, command = discover.load("typer.main"), discover.load("processes.command")
    root = typer.get_command(command.app)
    shown = [(words, one) for words, one in _walked(root, ()) if not getattr(one, "commands", None)]
    yield from ("| command | what it does |", "|---|---|")
    yield from (f"| [`{' '.join(words)}`](#{'-'.join(words)}) | {_line(one.help)} |" for words, one in shown)
    for words, one in shown:
        yield from _command(words, one)


def _exits() -> list[str]:
    meaning = {"usage": "it was called wrongly", "auth": "the key was refused", "unreachable": "no server answered", "tool": "the tool refused"}
    return [f"| {code} | {meaning[kind]} |" for kind, code in Failure.EXITS.items()]


def _walked(one: Any, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, inner in sorted(getattr(one, "commands", {}).items()):
        yield (*words, name), inner
        yield from _walked(inner, (*words, name))


def _command(words: tuple[str, ...], one: Any) -> Iterator[str]:
    taken = [part for part in one.params if part.name not in SHARED]
    named = " ".join(_word(part) for part in taken if not part.opts[0].startswith("-"))
    yield from ("", f"## {' '.join(words)}", "", _line(one.help), "", f"`{' '.join(filter(None, ('sayso', *words, named)))}`", "")
    if taken:
        yield from ("| takes | given | meaning |", "|---|---|---|")
        yield from (f"| `{_word(part)}` | {_given(part)} | {_line(part.help) or _line(part.name.replace('_', ' '))} |" for part in taken)


def _word(part: Any) -> str:
    return str(part.opts[0] if part.opts[0].startswith("-") else part.metavar or part.name.upper())


def _given(part: Any) -> str:
    default = f"default `{part.default}`" if part.default else "optional"
    return "required" if part.required else "may be repeated" if part.multiple else default


def _line(words: str | None) -> str:
    return " ".join((words or "").split()).replace("|", "\\|")


def errors() -> Iterator[str]:
    """The page of refusals, status by status."""
    yield ERRORS
    found = sorted(_leaves(), key=lambda error: (error.status, error.code, error.__module__))
    for status, group in groupby(found, key=lambda error: error.status):
        yield from (f"## {status}", "", "| code | message | next step |", "|---|---|---|")
        yield from dict.fromkeys(f"| `{error.code}` | {_line(_said(error))} | {_line(error.next_step)} |" for error in group)
        yield ""


def _said(error: type[SaysoError]) -> str:
    return (inspect.getdoc(error) or "").splitlines()[0]


def _leaves() -> list[type[SaysoError]]:
    for room in ROOMS:
        discover.everything(room)
    return [error for error in _below(SaysoError) if error.__module__.partition(".")[0] in ROOMS]


def _below(error: type[SaysoError]) -> Iterator[type[SaysoError]]:
    for inner in error.__subclasses__():
        yield inner
        yield from _below(inner)


def routes() -> Iterator[str]:
    """The page of routes: how to call one, what refuses it, and where the tools of each scope are."""
    yield from (ROUTES, "## What a refusal's status says", "", "| status | meaning |", "|---|---|")
    yield from (f"| {status} | {sentence} |" for status, sentence in REFUSALS.items())
    yield from ("", "[Errors](errors.md) lists every code.", "", "## Routes", "", "| scope | routes |", "|---|---|")
    shown = sorted(REGISTRY.values(), key=lambda operation: (operation.scope, operation.name))
    for scope, group in groupby(shown, key=lambda operation: operation.scope):
        yield f"| {scope} | {' · '.join(f'[`/api/{operation.name}`](tools.md#{operation.name})' for operation in group)} |"
    public = ", ".join(f"`{operation.name}`" for operation in shown if operation.is_public)
    yield from ("", f"These need no key: {public}.")


def decisions() -> Iterator[str]:
    """The page of decisions: each record with the line to remember, in the order in which they were taken."""
    yield from (DECISIONS, "| decision | in a line |", "|---|---|")
    for path in sorted((DOCS / "decisions").glob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        quoted = next((line.removeprefix("> ") for line in lines if line.startswith("> ")), "see there")
        yield f"| [{_line(lines[0].lstrip('# '))}](decisions/{path.name}) | {_line(quoted)} |"
