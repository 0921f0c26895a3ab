"""Skills are packages that every host reads, and they name only tools, arguments and refusals that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import SaysoError
from surfaces.skills import FILE, Skill, parsed
from tests.house.declared import OPERATIONS
from tests.house.tree import ROOT, refuse

PLACE = ROOT / "skills"
EVERY = sorted(path for path in PLACE.iterdir() if path.is_dir())
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
NAMED = re.compile(r"`([a-z]+(?:_[a-z]+)+)`( \(not yet\))?")
SPOKEN = re.compile(r"skill ([a-z]+(?:-[a-z]+)+)")
PLANS = frozenset({"self_hosted"})
LONGEST_NAME, LONGEST_DESCRIPTION, LONGEST = 64, 1024, 5000
WANTED = {
    "agentic-registration",
    "billing",
    "booking-operator",
    "channel-setup",
    "comms-approval",
    "customer-lifecycle",
    "reporting",
    "team-onboarding",
}


def codes(kind: type[SaysoError] = SaysoError) -> set[str]:
    """Every code that a refusal may have."""
    return {kind.code, *(code for below in kind.__subclasses__() for code in codes(below))}


def faults(folder: str, skill: Skill) -> Iterator[str]:
    """What a host, or an agent, would stumble over."""
    if skill.name != folder or not NAME.fullmatch(skill.name) or len(skill.name) > LONGEST_NAME:
        yield f"its name is not that of its folder, in small letters: {skill.name}"
    if not 0 < len(skill.description) <= LONGEST_DESCRIPTION or "Use when" not in skill.description:
        yield "its description does not say what it does, and “Use when”"
    if len(skill.text) > LONGEST:
        yield f"it has {len(skill.text)} characters, at most {LONGEST}"
    for name, later in NAMED.findall(skill.text):
        there = name in OPERATIONS or name in {alias for each in OPERATIONS.values() for alias in each.aliases}
        if later and there:
            yield f"`{name}` is there by now: strike “(not yet)”"
        if not later and not there and name not in codes() | PLANS:
            yield f"`{name}` is neither a tool nor a refusal"
    yield from (f"there is no skill {name}" for name in SPOKEN.findall(skill.text) if name not in WANTED)


def test_every_skill_is_sound() -> None:
    assert {path.name for path in EVERY} == WANTED
    refuse(f"{path.name}: {fault}" for path in EVERY for fault in faults(path.name, parsed((path / FILE).read_text())))


@pytest.mark.parametrize(
    ("folder", "text", "said"),
    [
        ("fly", "---\nname: flee\ndescription: Fly. Use when asked.\n---\n", "not that of its folder"),
        ("fly-", "---\nname: fly-\ndescription: Fly. Use when asked.\n---\n", "small letters"),
        ("fly", "---\nname: fly\ndescription: Fly.\n---\n", "Use when"),
        ("fly", "---\nname: fly\ndescription: Fly. Use when asked.\n---\nCall `fly_away`.", "neither a tool"),
        ("fly", "---\nname: fly\ndescription: Fly. Use when asked.\n---\nCall `create_booking` (not yet).", "by now"),
        ("fly", "---\nname: fly\ndescription: Fly. Use when asked.\n---\nSee skill bird-song.", "no skill bird-song"),
        ("fly", f"---\nname: fly\ndescription: Fly. Use when asked.\n---\n{'x' * LONGEST}", "at most"),
    ],
)
def test_faults_of_a_skill_catch_each_way(folder: str, text: str, said: str) -> None:
    assert any(said in fault for fault in faults(folder, parsed(text)))


@pytest.mark.parametrize("text", ["# Fly", "---\nname: fly\n---\n", "---\nname: fly\ndescription: Fly.\nicon: bird\n---\n", "---\nname\n---\n"])
def test_front_matter_that_no_host_reads_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"unpack|each in a line|sequence"):
        parsed(text)


def test_skills_hold_nothing_else() -> None:
    assert [path for path in PLACE.rglob("*") if path.is_file() and path.name != FILE] == []
    assert not any(path.is_symlink() for path in Path(PLACE).rglob("*"))
