"""Every code block of every page is run somewhere, or says right above it why not; and there are few of those."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError
from typer.main import get_command

from kernel.operation import REGISTRY
from processes.command import app
from processes.premises import prepare
from tests.house.tree import ROOT, refuse
from tests.pages.blocks import SHOWN, Block, blocks

NOT_RUN_AT_MOST = 16
LANGUAGES = frozenset({"sh", "json", "python", "typescript"}) | SHOWN
HEADING = re.compile(r"^### (\w+)$", re.MULTILINE)
COMMAND = re.compile(r"^(?:\./dev|sayso) ([^#|>&;\n]*)", re.MULTILINE)
VERB = re.compile(r"^#: ([a-z-]+) ", re.MULTILINE)
VERBS = re.compile(r"^\./dev [a-z-]+", re.MULTILINE)
BY_PATH = {"docs/audit.md": "tests/flows/test_audit.py", "docs/webhooks.md": "tests/outbox/test_hooks.py"}
"""Pages whose Python is run where what it reads is made."""


def strangers(command: str) -> Iterator[str]:
    """What is wrong with a command line of a page: no such command, or no such option."""
    found: Any = get_command(app)
    words = command.split()
    if words and words[0] in VERB.findall((ROOT / "dev").read_text()):
        return
    while words and words[0] in getattr(found, "commands", {}):
        found = found.commands[words.pop(0)]
    if hasattr(found, "commands") and found.name != "tool":
        yield f"there is no command: {command}"
    known = {option for part in found.params for option in part.opts} | {"--json", "--url", "--help"}
    yield from (f"there is no option {word}: {command}" for word in words if word.startswith("--") and word.partition("=")[0] not in known)


def faulty_json(block: Block, tool: str | None) -> Iterator[str]:
    """What is wrong with a block of JSON: not JSON, not what the tool takes, or a client's configuration with a key in it."""
    try:
        value = json.loads(block.text)
    except ValueError as wrong:
        yield f"{block.page}: {wrong}"
        return
    servers = value.get("mcpServers", value.get("servers"))
    if servers is not None:
        yield from (f"{block.page}: {fault}" for server in servers.values() for fault in _faulty_client(server))
    elif tool is None:
        yield f"{block.page}: say whose arguments these are: <!-- tool: NAME -->"
    else:
        try:
            REGISTRY[tool].asked.model_validate(value)
        except (KeyError, ValidationError) as wrong:
            yield f"{block.page}: {tool}: {wrong}"


def _faulty_client(server: dict[str, Any]) -> Iterator[str]:
    words = [server.get("url", ""), *server.get("args", []), *server.get("headers", {}).values()]
    if not any(word.endswith("/mcp") for word in words):
        yield "no address ends in /mcp"
    if not any(re.fullmatch(r"(Authorization:)?Bearer \$\{(env:|input:)?[\w-]+\}", word) for word in words):
        yield "the key is not taken from a variable"
    if "sayso_mcp_" in json.dumps(server):
        yield "a key stands in the file"


def test_every_block_has_a_language_that_something_checks() -> None:
    refuse(f"{block.page}: a block of “{block.language}”: {block.text[:40]!r}" for block in blocks() if block.language not in LANGUAGES)


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    silent = [block for block in blocks() if block.word == "not run"]
    assert len(silent) <= NOT_RUN_AT_MOST, [(block.page, block.what) for block in silent]
    assert all(len(block.what) > 10 for block in silent)


def test_what_is_run_elsewhere_is_run_there() -> None:
    refuse(f"{block.page}: {block.what} is not there" for block in blocks() if block.word == "run by" and not (ROOT / block.what.split()[0]).exists())
    assert all(page in (ROOT / test).read_text() or page.rpartition("/")[2] in (ROOT / test).read_text() for page, test in BY_PATH.items())


def test_what_ci_is_said_to_run_it_runs() -> None:
    ours = [block for block in blocks("sh") if block.what == ".ci/run"]
    ran = (ROOT / ".ci/run").read_text().splitlines()
    assert ours
    refuse(f"{block.page}: .ci/run has no line {line}" for block in ours for line in VERBS.findall(block.text) if line not in ran)


def test_every_command_of_every_page_exists() -> None:
    lines = [(block.page, command) for block in blocks("sh") for command in COMMAND.findall(block.text)]
    refuse(f"{page}: {fault}" for page, command in lines for fault in strangers(re.split(r" [\"']", command)[0]))


def test_every_json_is_what_its_tool_takes() -> None:
    prepare()
    told = (ROOT / "docs" / "tools.md").read_text()
    for block in blocks("json"):
        above = HEADING.findall(told[: told.index(block.text)])[-1] if block.page == "docs/tools.md" else None
        refuse(faulty_json(block, block.what or above))


def test_every_python_is_python() -> None:
    for block in blocks("python"):
        ast.parse(block.text, block.page)


@pytest.mark.parametrize(
    "block", [one for one in blocks("python") if one.is_run and one.page not in {*BY_PATH, "docs/how-to/clients.md", "docs/how-to/policy.md"}]
)
def test_a_python_runs(block: Block) -> None:
    """In a process of its own, for what it declares stays declared."""
    done = subprocess.run([sys.executable, "-c", block.text], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_the_policy_of_the_page_passes_its_own_truth_table() -> None:
    policy, table = (block.text for block in blocks("python") if block.page == "docs/how-to/policy.md")
    made = f"import sys, types\nmade = types.ModuleType('approvals.policies.weekdays')\nexec({policy!r}, made.__dict__)\nsys.modules[made.__name__] = made\n"
    tried = "\nfor row in test_the_truth_table_of_weekdays.pytestmark[0].args[1]:\n    test_the_truth_table_of_weekdays(*row)\nprint('tried')\n"
    done = subprocess.run([sys.executable, "-c", made + table + tried], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "tried\n", done.stderr


def test_strangers_catch_a_wrong_command_and_a_wrong_option() -> None:
    assert list(strangers("approve apr_1"))
    assert list(strangers("mailbox --all"))
    assert list(strangers("bookings burn"))
    assert not list(strangers("tool send_sms"))
    assert not list(strangers("bookings list --status confirmed --json"))


def test_faulty_json_catches_each_fault() -> None:
    prepare()
    assert list(faulty_json(Block("x.md", "json", "{"), None))
    assert list(faulty_json(Block("x.md", "json", '{"to": 5}'), "send_sms"))
    assert list(faulty_json(Block("x.md", "json", '{"a": 1}'), None))
    key = {"mcpServers": {"sayso": {"url": "http://h/mcp", "headers": {"Authorization": "Bearer sayso_mcp_abc"}}}}
    assert len(list(faulty_json(Block("x.md", "json", json.dumps(key)), None))) == 2
