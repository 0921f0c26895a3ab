"""The operations of a person who operates: settle doubts, replay dead letters, look after lanes; no key can hold their scope."""

from __future__ import annotations

from typing import Annotated, Self, cast, get_args

from pydantic import AfterValidator, Field, model_validator

from approvals import standstill
from approvals.people import Person
from approvals.resolve import MayNotOperate, Subject, Verdict, What, is_operator, pause, replay, resolve, resume
from approvals.standstill import LaneState, Pause, Stuck
from kernel.call import Call
from kernel.keys import read
from kernel.operation import Answer, Asked, Effect, operation
from kernel.settings import Channel
from outbox.facts import Scope
from outbox.scrutiny import visible
from outbox.sends import IntentId

OPERATE = "operate"
"""The scope of a signed-in person who may decide, and of operators; never a key's."""
PREFIXES = {"key": "key", "request": "apr"}
"""How the ids begin of what may be paused."""
EXAMPLE = {"intentId": "int_01990000000070008000000000000000"}


def _said(words: str) -> str:
    """A reason as one harmless text: others will read it."""
    if not words.strip():
        msg = "says nothing"
        raise ValueError(msg)
    return visible(words.strip())


Reason = Annotated[str, Field(max_length=500), AfterValidator(_said)]


def person_of(call: Call) -> Person:
    """The person who calls. Raises MayNotOperate for anybody else."""
    if call.caller.kind != "person" or call.caller.id is None:
        raise MayNotOperate
    return call.session.get_one(Person, call.caller.id)


class Page(Asked):
    """How many."""

    limit: int = Field(standstill.SHOWN, ge=1, le=standstill.SHOWN, description="How many at most.")


class ListLanes(Asked):
    """Which lanes."""

    channel: Channel | None = Field(None, description="Only those of this channel.")


class StuckSends(Answer):
    """Sends that go no further by themselves."""

    items: list[Stuck]
    next_cursor: str | None = None


@operation(OPERATE, Effect.READ)
def list_doubts(call: Call, asked: Page) -> StuckSends:
    """List the sends of which nobody knows whether the provider took them, oldest first, with the evidence."""
    return StuckSends(items=standstill.stuck(call.session, person_of(call).workspace_id, "in_doubt", asked.limit))


@operation(OPERATE, Effect.READ)
def list_dead_letters(call: Call, asked: Page) -> StuckSends:
    """List the sends that failed for good, newest first, with the reason."""
    return StuckSends(items=standstill.stuck(call.session, person_of(call).workspace_id, "failed", asked.limit))


class ResolveDoubt(Asked):
    """What a person knows, or risks."""

    intent_id: IntentId = Field(description="From list_doubts.")
    verdict: Verdict = Field(description="sent: it was sent; again: send it again, the customer may get it twice; give_up: never send it.")
    reason: Reason = Field(description="How you know, or why; kept with the send.")


class Settled(Answer):
    """Where it went."""

    intent_id: IntentId
    state: str


@operation(OPERATE, Effect.WRITE, example={**EXAMPLE, "verdict": "sent", "reason": "Mia says it arrived."})
def resolve_doubt(call: Call, asked: ResolveDoubt) -> Settled:
    """Settle a send in doubt by your word: it was sent, send it again, or give it up."""
    state = resolve(call.session, person_of(call), asked.intent_id, asked.verdict, asked.reason)
    return Settled(intent_id=asked.intent_id, state=state)


class ReplayDeadLetter(Asked):
    """Which one."""

    intent_id: IntentId = Field(description="From list_dead_letters.")


@operation(OPERATE, Effect.WRITE, example=EXAMPLE)
def replay_dead_letter(call: Call, asked: ReplayDeadLetter) -> Settled:
    """Let a failed send try again now, with exactly the bytes that were approved."""
    return Settled(intent_id=asked.intent_id, state=replay(call.session, person_of(call), asked.intent_id))


class Lanes(Answer):
    """What waits, and what is paused."""

    items: list[LaneState]
    pauses: list[Pause] = Field(description="What of your workspace is paused: all of it, channels, keys, requests.")
    is_operator: bool = Field(description="Whether you may pause and resume lanes.")


@operation(OPERATE, Effect.READ)
def list_lanes(call: Call, asked: ListLanes) -> Lanes:
    """List the lanes with what waits in them, what is paused and which provider refuses us."""
    person = person_of(call)
    found = standstill.lanes(call.session, person, call.settings)
    return Lanes(
        items=[lane for lane in found if asked.channel in (None, lane.channel)],
        pauses=standstill.pauses(call.session, person.workspace_id),
        is_operator=is_operator(person, call.settings),
    )


class PauseSending(Asked):
    """What to hold, and why."""

    what: What = Field(
        description="workspace: everything of yours; channel: yours on one; key: what it asked for; request: one of them; lane: everybody's (operators)."
    )
    id: str | None = Field(None, max_length=100, description="The channel, key (list_api_keys), request (approvalId) or lane (list_lanes); none for workspace.")
    reason: Reason = Field(description="Why; others will read it.")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.id is None) != (self.what == "workspace"):
            msg = "give an id for everything but the workspace"
            raise ValueError(msg)
        if self.what == "channel" and self.id not in get_args(Channel):
            msg = f"id must be one of {', '.join(get_args(Channel))}"
            raise ValueError(msg)
        if self.what in PREFIXES:
            read(PREFIXES[self.what], self.id)
        return self

    @property
    def subject(self) -> Subject:
        """What is meant."""
        named = self.id or ""
        if self.what == "key":
            return Subject("key", Scope(key=read("key", named)))
        if self.what == "request":
            return Subject("request", Scope(approval=read("apr", named)))
        if self.what == "channel":
            return Subject("channel", Scope(channel=cast("Channel", named)))
        return Subject(self.what, lane=named)


class ResumeSending(PauseSending):
    """What to let go on, and why."""


class Pausing(Answer):
    """How it stands now."""

    what: str = Field(description="workspace, channel, key, request or lane.")
    id: str | None = Field(None, description="Which one.")
    paused: bool = Field(description="Whether it is held.")


@operation(OPERATE, Effect.SET, example={"what": "workspace", "reason": "Wrong price list."})
def pause_sending(call: Call, asked: PauseSending) -> Pausing:
    """Hold what has not left yet, at once; nothing is lost, and nothing is decided."""
    pause(call.session, person_of(call), asked.subject, asked.reason, call.settings)
    return Pausing(what=asked.what, id=asked.id, paused=True)


@operation(OPERATE, Effect.SET, example={"what": "workspace", "reason": "Prices are right again."})
def resume_sending(call: Call, asked: ResumeSending) -> Pausing:
    """Let go on what was paused."""
    resume(call.session, person_of(call), asked.subject, asked.reason, call.settings)
    return Pausing(what=asked.what, id=asked.id, paused=False)
