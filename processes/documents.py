"""`./dev docs`: writes the pages of docs/ that are drawn from the code, or says with `--check` which of them are stale."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from kernel.operation import REGISTRY, Operation
from kernel.schema import of_answer, of_arguments
from processes import drawings, references
from processes.premises import prepare

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
ROOMS = ("processes", "surfaces", "workers", "crm", "providers", "approvals", "outbox", "kernel", "embedded", "migrations")
"""From the top of the house down, as the import contract has it."""
GENERATED = "<!-- Drawn from the code by `./dev docs`. Change the code, not this page. -->\n"
MAP = """# Where things are

Each folder at the top is a room, and the folder is the import path. A room knows the rooms below it and never its neighbour; \
`embedded` knows nobody. Each module says in one sentence what it is.
"""
TOOLS = """# Tools

Each tool is declared once and is there for every surface: over MCP by its name, over REST as `POST /api/<name>`, in a terminal as \
`sayso tool <name> '{…}'`. Arguments are camelCase, and an unknown one is refused by name.

*Effect* is what a call does: `read` changes nothing, `write` adds something with each call, `set` is the same however often it is called, \
`destroy` takes something away, and `send` asks to leave the house, which a person must approve. *Scope* is what a key must hold.

A client that wants fewer tools says so with each request, over MCP and REST: `Sayso-Toolset: bookings,contacts:read` leaves those scopes \
of the ones its key holds, `:read` only what reads; it never adds any. `tools/list` answers with all of them on one page.
"""


def house() -> Iterator[str]:
    """The page of modules, room by room."""
    yield MAP
    for room in ROOMS:
        modules = sorted((ROOT / room).rglob("*.py"))
        said = [sentence(path) for path in modules if path.parent.name == room and path.name == "__init__.py"]
        yield from (f"## {room}", "", *(f"{line}\n" for line in said), "| module | what it is |", "|---|---|")
        yield from (f"| [`{_within(path, room)}`](../{path.relative_to(ROOT).as_posix()}) | {sentence(path)} |" for path in modules if _within(path, room))
        yield ""


def _within(path: Path, room: str) -> str:
    return path.relative_to(ROOT / room).as_posix().removesuffix(".py").removesuffix("__init__")


def sentence(path: Path) -> str:
    """What a module says of itself."""
    said = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return _cell(said.partition("\n\n")[0])


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def tools() -> Iterator[str]:
    """The page of tools, scope by scope."""
    shown = sorted(REGISTRY.values(), key=lambda operation: (operation.scope, operation.name))
    yield from (TOOLS, "| tool | effect | scope | what it does |", "|---|---|---|---|")
    yield from (f"| [`{op.name}`](#{op.name}) | {op.effect} | {op.scope} | {_cell(op.summary)} |" for op in shown)
    for scope, group in groupby(shown, key=lambda operation: operation.scope):
        yield f"\n## {scope.capitalize()}\n"
        for operation in group:
            yield from _tool(operation)


def _tool(operation: Operation) -> Iterator[str]:
    schema = of_arguments(operation)
    yield from (f"### {operation.name}", "", operation.summary, "", f"Effect `{operation.effect}` · scope `{operation.scope}`{_aliases(operation)}", "")
    if schema["properties"]:
        yield from ("| argument | type | given | meaning |", "|---|---|---|---|")
        yield from (_argument(name, field, schema.get("required", [])) for name, field in schema["properties"].items())
        yield ""
    if operation.example:
        yield from ("```json", json.dumps(operation.example, ensure_ascii=False, indent=2), "```", "")
    yield f"Answers {', '.join(f'`{name}`' for name in of_answer(operation)['properties'])}.\n"


def _aliases(operation: Operation) -> str:
    return "".join(f" · also called `{name}`" for name in operation.aliases)


def _argument(name: str, field: dict[str, Any], required: list[str]) -> str:
    default = field.get("default")
    more = "required" if name in required else f"default {json.dumps(default)}" if default is not None else "optional"
    return f"| `{name}` | {drawings.type_of(field)} | {more} | {_cell(field.get('description', ''))} |"


PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "commands.md": references.commands,
    "decisions.md": references.decisions,
    "errors.md": references.errors,
    "map.md": house,
    "rest.md": references.routes,
    "states.md": drawings.states,
    "tools.md": tools,
}


def drawn() -> dict[str, str]:
    """Each page as it should be."""
    prepare()
    return {name: "\n".join([GENERATED, *page()]).rstrip() + "\n" for name, page in PAGES.items()}


def stale(pages: dict[str, str], folder: Path = DOCS) -> list[str]:
    """The names of the pages that are not in the folder as they should be."""
    return [name for name, text in pages.items() if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text]


def main() -> None:
    """Write the pages that are stale; with `--check`, only name them, and fail when there are any."""
    pages = drawn()
    old = stale(pages)
    checks = "--check" in sys.argv[1:]
    for name in old:
        print(f"docs/{name} is stale: run ./dev docs draw" if checks else f"docs/{name} written")
        if not checks:
            (DOCS / name).write_text(pages[name], encoding="utf-8")
    sys.exit(1 if checks and old else 0)


if __name__ == "__main__":
    main()
