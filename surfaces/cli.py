"""The command line's client verbs: an MCP client like any other, with no business logic in it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typing_extensions import override

from kernel.discover import load
from kernel.settings import command
from surfaces.target import Failure, Target, find_target, masked

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output, one line of JSON on standard error when it fails.")]
Url = Annotated[str | None, typer.Option("--url", help="Address of the server (else SAYSO_URL, the config file, http://127.0.0.1:8000).")]

Key = Annotated[str | None, typer.Option("--api-key", help="The key, for once; SAYSO_API_KEY is safer, for a shell remembers what it was told.")]
Revealed = Annotated[bool, typer.Option("--show-key", help="Show a key in full where it is masked.")]


class CallsByName(TyperGroup):
    """`sayso tool NAME '{…}'` is `sayso tool call NAME '{…}'`."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = bool(args) and not args[0].startswith("-") and args[0] not in self.commands
        return super().parse_args(ctx, ["call", *args] if named else args)


app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
tools = typer.Typer(cls=CallsByName, no_args_is_help=True, rich_markup_mode=None, help="List, describe and call the server's tools.")
app.add_typer(tools, name="tool")


@dataclass(frozen=True, slots=True)
class Manner:
    """How this run speaks, and to whom."""

    as_json: bool = False
    url: str | None = None
    key: str | None = None
    shows_keys: bool = False

    def target(self) -> Target:
        """Where to call, and with which key."""
        return find_target(self.url, self.key)

    def keyed(self, key: str) -> str:
        """The key as this run may show it."""
        return key if self.shows_keys else masked(key)


Checks = Iterator[dict[str, Any]]
_host_checks: list[Callable[[], Checks]] = []


def examine_host_with(checks: Callable[[], Checks]) -> None:
    """Let `doctor --server` make these checks: what a client is may not know of servers, the composition root says."""
    _host_checks[:] = [checks]


@app.callback()
def options(ctx: typer.Context, *, as_json: AsJson = False, url: Url = None, api_key: Key = None, show_key: Revealed = False) -> None:
    """Talk to a Sayso server. The key comes from --api-key, else SAYSO_API_KEY, else the config file."""
    ctx.obj = Manner(as_json, url, api_key, show_key)


@app.command()
def doctor(
    ctx: typer.Context,
    *,
    server: Annotated[
        bool, typer.Option("--server", help="On the host: the database, Redis, providers, webhooks and processes. Exits with 1 when one is broken.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Check configuration, network, key, tools, company, plan and WhatsApp, a line each, with what to do next."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        checks = _host_checks[0]() if server else load("surfaces.doctor").checks(client(), chosen.target())
        is_well = _tell(checks, as_json=chosen.as_json)
        if server and not is_well:
            raise typer.Exit(1)


def _tell(checks: Checks, *, as_json: bool) -> bool:
    """Print each check as it is made; answers whether all is well."""
    found: list[dict[str, Any]] = []
    for check in checks:
        found.append(check)
        if not as_json:
            onward = "" if check["ok"] else f"  → {check['nextStep']}"
            typer.echo(f"{'✓' if check['ok'] else '✗'} {check['check']:16} {check['words']}{onward}")
    is_well = all(check["ok"] for check in found)
    if as_json:
        show({"ok": is_well, "checks": found})
    return is_well


@tools.command("list")
def list_(
    ctx: typer.Context, search: Annotated[str, typer.Option(help="Only tools with this word.")] = "", *, as_json: AsJson = False, url: Url = None
) -> None:
    """Name and one line of every tool that the key may use."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = [{"name": tool["name"], "description": tool.get("description", "")} for tool in client().list_tools(chosen.target())]
        wanted = [tool for tool in found if search.lower() in f"{tool['name']} {tool['description']}".lower()]
        if chosen.as_json:
            show(wanted)
        else:
            show_lines({tool["name"]: tool["description"] for tool in wanted})


@tools.command()
def describe(ctx: typer.Context, name: str, *, as_json: AsJson = False, url: Url = None) -> None:
    """Arguments, answer and hints of one tool."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        found = next((tool for tool in client().list_tools(chosen.target()) if tool["name"] == name), None)
        if found is None:
            raise Failure("tool", "unknown_tool", f"There is no tool '{name}' for this key.", f"See what there is: {command()} tool list")
        show(found)


@tools.command()
def call(
    ctx: typer.Context,
    name: str,
    arguments: Annotated[str, typer.Argument(help="One JSON object, or - to read it from standard input.")] = "{}",
    *,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Call a tool: sayso tool call search_members '{"limit": 5}'."""
    with manner(ctx, as_json=as_json, url=url) as chosen:
        given = _object(sys.stdin.read() if arguments == "-" else arguments)
        target = chosen.target()
        show(client().call_tool(target, name, given))


@contextmanager
def manner(ctx: typer.Context, *, as_json: bool, url: str | None) -> Iterator[Manner]:
    """Options may stand before or after the command; a failure becomes its line and its exit code."""
    given = ctx.obj if isinstance(ctx.obj, Manner) else Manner()
    chosen = replace(given, as_json=as_json or given.as_json, url=url or given.url)
    try:
        yield chosen
    except Failure as failure:
        body = failure.body
        line = json.dumps({"error": body}, ensure_ascii=False) if chosen.as_json else f"sayso: {body['message']}\nNext: {body['nextStep']}"
        typer.echo(line, err=True)
        raise typer.Exit(failure.exit_code) from None


def client() -> Any:
    """`surfaces.client`, imported when first needed: with it, `--help` would take half a second."""
    return load("surfaces.client")


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Failure("usage", "not_json", "The arguments are not one JSON object.", "Quote them for the shell: '{\"limit\": 5}'.")
    return found


def show(value: Any) -> None:
    """Print JSON: on one line to a program, indented to a person."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))


def show_lines(rows: dict[str, Any]) -> None:
    """Print names and words in two columns."""
    width = max(map(len, rows), default=0)
    for name, words in rows.items():
        typer.echo(f"{name:{width}}  {words}")
