"""No file speaks of the machine it was written on, of who typed it, or of where its packages were fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.tree import ROOT, files, refuse

HOME = re.compile(r"/(?:home|root|Users)/\w+|/(?:work|workspace|mnt|opt)/(?!homebrew)\w*")
REGISTRY = re.compile(r"\b(?:pypi\.(?:org|python)|files\.pythonhosted|registry\.npm\w*|npm\w*\.(?:org|com)|proxy\.golang)\b")
TYPIST = re.compile(r"co-authored\W?by|generated (?:with|by) (?:an? )?(?:ai|llm|claude|gpt)\b|\bsub-?agent|\bas an ai\b", re.IGNORECASE)
SPEAKS = {"a path of one machine": HOME, "a registry": REGISTRY, "who typed it": TYPIST}
OURSELVES = "tests/house/test_traces.py"
BINARY = (".png", ".jpg", ".ico", ".woff2", ".gz", ".zip")


def traces(text: str) -> Iterator[tuple[int, str]]:
    """Each line that speaks of what is no business of the project."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, f"speaks of {what}: “{found.group()}”") for what, pattern in SPEAKS.items() if (found := pattern.search(line)))


def test_files_speak_of_the_project_alone() -> None:
    shown = [path for path in files() if path != OURSELVES and not path.endswith(BINARY)]
    refuse(f"{path}:{line} {words}" for path in shown for line, words in traces((ROOT / path).read_text()))


def test_traces_catch_each_kind() -> None:
    assert [words for _, words in traces("cd /home/mia/sayso")]
    assert [words for _, words in traces("see /work/notes.md")]
    assert [words for _, words in traces("--index-url https://pypi.org/simple")]
    assert [words for _, words in traces("Co-Authored-By: somebody")]


def test_traces_let_the_rest_pass() -> None:
    assert not list(traces("GET /api/work_orders and /opt/homebrew/opt; a worker works; co-author"))
