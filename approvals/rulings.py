"""The ruling over a request: every policy judges its facts, the strictest of each kind counts, and nothing ever asks for less."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from approvals.facts import Facts
from approvals.verdicts import PolicySettings, Verdict, strictest
from kernel.discover import modules
from kernel.errors import Conflict, Forbidden


class PolicyRefused(Forbidden):
    """A policy of this business refuses it."""

    code = "policy_refused"
    next_step = "Ask an owner of the business."


class PolicyUnreadable(Conflict):
    """What was set of a policy cannot be read, so nothing is let through."""

    code = "policy_unreadable"
    next_step = "Nothing was sent. An owner or a manager sets it anew under Policies."


@dataclass(frozen=True, slots=True)
class Policy:
    """One file of `approvals/policies`."""

    name: str
    version: int
    title: str
    settings: type[PolicySettings]
    say: Callable[[Any], str]
    judge: Callable[[Facts, Any], Verdict]

    def read(self, said: Any) -> PolicySettings:
        """What was set of it, as an older version or another hand may have written it. Raises PolicyUnreadable."""
        try:
            return self.settings.model_validate(said)
        except ValidationError:
            raise PolicyUnreadable(f"What was set of “{self.title}” cannot be read, so nothing is let through.", policies=[self.label]) from None

    @property
    def label(self) -> str:
        """How a ruling names it: `countries@1`."""
        return f"{self.name}@{self.version}"


@cache
def policies() -> dict[str, Policy]:
    """Every policy there is, by name."""
    found: dict[str, Any] = {module.__name__.rpartition(".")[2]: module for module in modules("approvals.policies")}
    return {name: Policy(name, it.VERSION, it.TITLE, it.Settings, it.say, it.judge) for name, it in found.items()}


@dataclass(frozen=True)
class Ruling:
    """What all policies said of one request, by name and version."""

    facts: Facts
    verdicts: Mapping[str, Verdict]

    @cached_property
    def whole(self) -> Verdict:
        """All of it at once."""
        return strictest(self.verdicts.values())

    @property
    def is_sole_owner(self) -> bool:
        """Whether more people would be asked for, were there anybody else to ask."""
        return self.facts.deciders == 1 and (self.whole.people > 1 or self.whole.not_alone is not None)

    @property
    def needs(self) -> int:
        """How many people must approve; a business with a single decider is never asked for a second one."""
        return 1 if self.is_sole_owner else self.whole.people

    @property
    def not_alone(self) -> UUID | None:
        """Who of them may not be the only one."""
        return None if self.is_sole_owner else self.whole.not_alone

    @property
    def may_stand(self) -> bool:
        """Whether a standing approval may answer: no policy asks for a person, and none for a second one."""
        return not self.whole.is_refused and not self.whole.in_person and self.whole.people == 1 and self.whole.not_alone is None

    @property
    def draws(self) -> dict[str, Verdict]:
        """The verdicts that take from a day's budget, by the policy's name, in the order in which every transaction takes them."""
        return {label.partition("@")[0]: verdict for label, verdict in sorted(self.verdicts.items()) if verdict.draw}

    def check(self) -> None:
        """Raises PolicyRefused, naming every policy that refuses."""
        refused = {label: verdict for label, verdict in self.verdicts.items() if verdict.is_refused}
        for first in refused.values():
            raise PolicyRefused(first.why, next_step=first.next_step, policies=list(refused))

    def written(self) -> dict[str, Any]:
        """As it is kept with the request: every policy with its version, and what it asked for, if anything."""
        return {label: said.model_dump(mode="json", exclude_defaults=True) or None for label, said in self.verdicts.items()}


def read(facts: Facts, written: Mapping[str, Any]) -> Ruling:
    """A ruling that was kept."""
    return Ruling(facts, {label: Verdict.model_validate(said or {}) for label, said in written.items()})


def settings_of(chosen: Mapping[str, Any]) -> dict[str, PolicySettings]:
    """The settings of every policy: what was chosen, else the defaults. Raises PolicyUnreadable."""
    return {name: policy.read(chosen.get(name, {})) for name, policy in policies().items()}


def judge(facts: Facts, settings: Mapping[str, PolicySettings]) -> Ruling:
    """Let every policy judge."""
    return Ruling(facts, {policy.label: policy.judge(facts, settings[name]) for name, policy in policies().items()})
