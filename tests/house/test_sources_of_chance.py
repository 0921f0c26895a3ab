"""Time, randomness, the environment and sockets enter through kernel and providers alone, where a test can bend them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.tree import Fault, Source, caught, hold, shipped

OPEN = frozenset({"kernel", "providers", "embedded"})
"""The rooms that may; embedded knows nobody, so it cannot ask kernel, and starting servers is its work."""
MODULES = {
    "time": "kernel.clock",
    "random": "kernel.keys",
    "secrets": "kernel.keys",
    "uuid_utils": "kernel.keys",
    "socket": "a provider's transport",
    "http.client": "a provider's transport",
    "urllib.request": "a provider's transport",
    "smtplib": "a provider",
}
MEMBERS = {
    "os": ({"environ", "environb", "getenv", "putenv", "unsetenv", "urandom", "getrandom"}, "kernel.settings"),
    "uuid": ({"uuid1", "uuid4", "uuid6", "uuid7", "uuid8"}, "kernel.keys"),
    "datetime": ({"now", "utcnow", "today"}, "kernel.clock"),
    "date": ({"today"}, "kernel.clock"),
}
"""What is refused of a name, and who gives it instead."""
ALLOWED = {
    ("processes/serving.py", "socket"): "the listening socket is bound before anything starts, so that a taken port is said at once",
    ("processes/house.py", "socket"): "it names the type of that socket on its way to the server",
    ("processes/demo.py", "secrets"): "a throw-away system signs with throw-away secrets",
}


def chance(source: Source) -> Iterator[Fault]:
    """Every place that lets the world in."""
    if source.room in OPEN:
        return
    for line, word, instead in _entries(source):
        if (source.path, word) not in ALLOWED:
            yield line, f"uses {word}: take it from {instead}"


def _entries(source: Source) -> Iterator[tuple[int, str, str]]:
    for node in source.nodes:
        for word, instead in _entry(node):
            yield getattr(node, "lineno", 1), word, instead


def _entry(node: ast.AST) -> Iterator[tuple[str, str]]:
    match node:
        case ast.Import(names=names):
            yield from ((name.name, MODULES[name.name]) for name in names if name.name in MODULES)
        case ast.ImportFrom(module=str(module), names=names):
            yield from _imported(module, {name.name for name in names})
        case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=attr) if attr in MEMBERS.get(owner, ((), ""))[0]:
            yield f"{owner}.{attr}", MEMBERS[owner][1]


def _imported(module: str, names: set[str]) -> Iterator[tuple[str, str]]:
    top = module.partition(".")[0]
    if module in MODULES or top in MODULES:
        yield module, MODULES.get(module, MODULES.get(top, ""))
    refused, instead = MEMBERS.get(module, (set(), ""))
    yield from ((f"{module}.{name}", instead) for name in sorted(names & refused))


def test_time_and_chance_enter_in_one_place() -> None:
    hold(chance, shipped())


def test_every_exception_is_still_needed() -> None:
    used = {(source.path, word) for source in shipped() for _, word, _ in _entries(source)}
    assert set(ALLOWED) <= used, f"strike from the list: {sorted(set(ALLOWED) - used)}"


def test_chance_catches_each_way() -> None:
    assert caught(chance, "import time")
    assert caught(chance, "from time import monotonic")
    assert caught(chance, "import secrets")
    assert caught(chance, "from uuid import UUID, uuid4")
    assert caught(chance, "started = datetime.now(UTC)")
    assert caught(chance, "started = datetime.datetime.utcnow()")
    assert caught(chance, "url = os.environ['URL']")
    assert caught(chance, "from os import getenv")
    assert caught(chance, "import socket", "surfaces/sample.py")


def test_chance_lets_the_rest_pass() -> None:
    assert not caught(chance, "from datetime import datetime, time\nfrom uuid import UUID\nimport os\nos.open('a')\nclock.now()")
    assert not caught(chance, "import time", "kernel/clock.py")
