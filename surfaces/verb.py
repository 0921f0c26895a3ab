"""A verb of the command line as data: its words, the tool it calls, and where each argument of the tool is taken from."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from pydantic.alias_generators import to_snake

from kernel import discover
from surfaces.cli import AsJson, Manner, Url, client, manner, show
from surfaces.target import Target, find_address, find_person_target, nobody_at

FAMILIES = {
    "bookings": "What customers have booked.",
    "invoices": "What customers owe.",
    "members": "The customers.",
    "orgs": "The companies that you may work in.",
    "plan": "What this company may use, and how much of it is left.",
    "signup": "Found a company with an e-mail address and the code that comes to it.",
    "team": "Who works here.",
    "team invite": "Have somebody in the team, or come in by an invitation.",
    "whatsapp": "How the company's WhatsApp is connected.",
}
"""The first word of the verbs that have two or more, and what it holds."""


@dataclass(frozen=True, slots=True)
class Take:
    """One argument of the tool, taken from an option, or with `is_word` from a word without a name."""

    name: str
    """As on the wire; `customer.email` is the e-mail of the object `customer`."""
    words: str
    type: type = str
    required: bool = False
    is_word: bool = False
    option: str = ""
    """Where it is another than the argument's name: --tool for toolName."""

    @property
    def parameter(self) -> str:
        """As Python spells it; the underscore keeps `from` from being a keyword."""
        return f"{to_snake(self.name.replace('.', '_'))}_"

    def declared(self) -> inspect.Parameter:
        """As a parameter that the command line understands."""
        said = self.option or self.parameter.strip("_").replace("_", "-")
        marked = typer.Argument(help=self.words, metavar=said.upper()) if self.is_word else typer.Option(f"--{said}", help=self.words)
        wanted = self.type if self.required else self.type | None
        default = inspect.Parameter.empty if self.required else None
        return inspect.Parameter(self.parameter, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[wanted, marked])


Then = Callable[[Manner, Target, dict[str, Any]], dict[str, Any]]
"""What this machine does with an answer before it is shown, such as keeping a key."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`sayso <words>` calls `tool` and shows its answer; its help is the tool's own promise in a person's words."""

    words: str
    tool: str
    says: str
    takes: tuple[Take, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    """Of a list, in a table for people; without them, whatever is short."""
    by_person: bool = False
    """Whether a signed-in person calls, and not a key."""
    by_nobody: bool = False
    """Whether it is called without a credential, whatever is at hand."""
    then: Then | None = None

    def target(self, chosen: Manner) -> Target:
        """Where this verb calls, and as whom."""
        if self.by_nobody:
            return nobody_at(find_address(chosen.url))
        return find_person_target(chosen.url) if self.by_person else chosen.target()

    def asked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of the tool."""
        found: dict[str, Any] = dict(self.fixed)
        for take in self.takes:
            value = given[take.parameter]
            if value is not None and value != []:
                outer, _, inner = take.name.rpartition(".")
                (found.setdefault(outer, {}) if outer else found)[inner] = value
        return found


def declare(app: typer.Typer) -> None:
    """Add every verb that a family declares to the command."""
    groups: dict[str, typer.Typer] = {}
    for family in discover.modules("surfaces.verbs"):
        for command in getattr(family, "COMMANDS", ()):
            app.command()(command)
        for verb in getattr(family, "VERBS", ()):
            *path, last = verb.words.split()
            _group(app, groups, path).command(last)(_command(verb))


def verbs() -> list[Verb]:
    """Every verb that is data."""
    return [verb for family in discover.modules("surfaces.verbs") for verb in getattr(family, "VERBS", ())]


def _group(app: typer.Typer, groups: dict[str, typer.Typer], path: list[str]) -> typer.Typer:
    above = app
    for depth, word in enumerate(path, 1):
        name = " ".join(path[:depth])
        if name not in groups:
            groups[name] = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=FAMILIES.get(name, name))
            above.add_typer(groups[name], name=word)
        above = groups[name]
    return above


def _command(verb: Verb) -> Callable[..., None]:
    """The verb as the function that the command line runs; its signature is what the verb takes."""

    def run(ctx: typer.Context, *, as_json: bool, url: str | None, **given: Any) -> None:
        with manner(ctx, as_json=as_json, url=url) as chosen:
            target = verb.target(chosen)
            answer = client().call_tool(target, verb.tool, verb.asked(given))
            shown = verb.then(chosen, target, answer) if verb.then else answer
            if chosen.as_json:
                show(shown)
            else:
                discover.load("surfaces.tables").answered(shown, verb.columns)

    kind, none = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    shared = {"ctx": (typer.Context, none), "as_json": (AsJson, False), "url": (Url, None)}
    taken = [inspect.Parameter(name, kind, default=default, annotation=says) for name, (says, default) in shared.items()]
    parameters = sorted([*taken, *(take.declared() for take in verb.takes)], key=lambda parameter: parameter.default is not none)
    run.__doc__ = verb.says
    run.__annotations__ = {one.name: one.annotation for one in parameters}
    vars(run)["__signature__"] = inspect.Signature(parameters)
    return run
