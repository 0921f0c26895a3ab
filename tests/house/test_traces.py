"""No file speaks of the machine it was written on, of who typed it, or of where its packages were fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.house.tree import ROOT, files, refuse

HOME = re.compile(r"/(?:home|root|Users)/\w+|/(?:work|workspace|mnt|opt)/(?!homebrew)\w*")
REGISTRY = re.compile(r"\b(?:pypi\.(?:org|python)|files\.pythonhosted|registry\.npm\w*|npm\w*\.(?:org|com)|proxy\.golang)\b")
TYPIST = re.compile(r"co-authored\W?by|generated (?:with|by) (?:an? )?(?:ai|llm|claude|gpt)\b|\bsub-?agent|\bas an ai\b", re.IGNORECASE)
SPEAKS = {"a path of one machine": HOME, "a registry": REGISTRY, "who typed it": TYPIST}
SLASH = "/"
"""Keeps the controls below from being traces themselves."""


def traces(text: str) -> Iterator[tuple[int, str]]:
    """Each line that speaks of what is no business of the project."""
    for number, line in enumerate(text.splitlines(), 1):
        yield from ((number, f"speaks of {what}: “{found.group()}”") for what, pattern in SPEAKS.items() if (found := pattern.search(line)))


def test_files_speak_of_the_project_alone() -> None:
    refuse(f"{path}:{line} {words}" for path in files() for line, words in traces((ROOT / path).read_text(errors="replace")))


@pytest.mark.parametrize(
    "words",
    [
        f"cd {SLASH}home/mia/sayso",
        f"see {SLASH}work/notes.md",
        f"{SLASH}opt/python/bin",
        "--index-url https://{}.org/simple".format("pypi"),
        "Co-Authored-{}: somebody".format("By"),
    ],
)
def test_traces_catch_each_kind(words: str) -> None:
    assert list(traces(words))


def test_traces_let_the_rest_pass() -> None:
    assert not list(traces("GET /api/work_orders and /opt/homebrew/opt; a worker works; co-author"))
