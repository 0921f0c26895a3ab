"""The contract between workers and providers: a dispatch goes in, one of four outcomes comes out; events come back later.

Outcomes are a closed set, and what they mean for a retry is decided here once:
`Accepted` the provider took it; `Refused` it never will; `Later` it certainly did not take it, try again;
`Unsure` it may have taken it, so it must not be called again without evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable
from uuid import UUID

from outbox.content import Channel, Content, Medium

Silencer = Literal["", "customer", "provider"]
"""Whose word it is that nothing more goes to an address: the customer's own, the provider's of a dead one, or nobody's."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider took it under this reference of its own; `status` as it said (`queued`, `sent`); `url` where a customer goes on."""

    ref: str
    status: str = "accepted"
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider did not take it and will not; `code` is the provider's own, `reason` a sentence for people."""

    reason: str
    code: str = ""
    silences: Silencer = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Certainly not taken.

    `after`: seconds the provider asked for (None: our back-off). `lane_fault`: it is the account, not this message
    (401/403): the try does not count and the whole lane waits. `counts` is False for what was never dialled. `unreached`:
    nobody answered, and no byte was handed over. `crowded`: the provider has too many requests of this account: the try does
    not count, and the whole lane slows down.
    """

    reason: str
    after: float | None = None
    lane_fault: bool = False
    counts: bool = True
    unreached: bool = False
    crowded: bool = False


@dataclass(frozen=True, slots=True)
class Unsure:
    """It may have been taken: time-out, reset, 5xx after the request left, success without a usable id."""

    reason: str


Outcome = Accepted | Refused | Later | Unsure


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One call to make: what, from whom, to whom, and the reference that must come back with every event."""

    intent: UUID
    attempt: int
    channel: Medium
    sender: str
    recipient: str
    content: Content
    reference: str
    """Signed `intent.attempt`; goes where the provider gives it back (StatusCallback URL, custom_args, metadata)."""
    callback_url: str
    """Where the provider shall post its status events; already carries the reference."""


Status = Literal["sent", "delivered", "undelivered"]


@dataclass(frozen=True, slots=True)
class Sought:
    """A call in doubt to be looked up: what was dialled, when it began, and the provider's ids that belong to other attempts."""

    dispatch: Dispatch
    started_at: datetime
    taken: frozenset[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The provider has it, under this reference of its own."""

    ref: str
    status: Status
    url: str = ""


@dataclass(frozen=True, slots=True)
class Absent:
    """The provider's own list, read to before the call began, does not show it."""


@dataclass(frozen=True, slots=True)
class NoWord:
    """The provider could not be asked, or its answer proves nothing; `reason` says why."""

    reason: str


Evidence = Found | Absent | NoWord


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A provider's word about a message: evidence that it was accepted, delivered or not. `key` dedupes it.

    `owner`: whose own account proved it, so that it says something of that workspace's messages alone; "": the installation's.
    """

    key: str
    status: Status
    reference: str | None
    ref: str | None
    reason: str = ""
    owner: str = ""
    silences: Silencer = ""


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """A provider's word about an object of its own (Stripe): `type` chooses the `@on(type)` handlers.

    `asked`: the number under which the object in it was asked for; 0: it is the one that the event came with.
    """

    key: str
    type: str
    body: dict[str, Any]
    provider: str = "stripe"
    asked: int = 0

    @property
    def object(self) -> dict[str, Any] | None:
        """The object that it carries; None for a thin event, which only names one."""
        data = self.body.get("data")
        found = data.get("object") if isinstance(data, dict) else None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """Somebody's message to a sender of ours: their words, and nothing that decides; addresses in E.164, `at` in Unix seconds.

    `owner`: to whose own account it came; "": to the installation's.
    """

    key: str
    provider: str
    ref: str
    channel: Channel
    sender: str
    to: str
    body: str
    at: float
    media: int = 0
    owner: str = ""


Event = StatusEvent | ObjectEvent | MessageEvent


@dataclass(frozen=True, slots=True)
class Inbound:
    """A webhook request as it came: the raw bytes, the headers in lower case, and the public URL that was called."""

    path: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class ForgedWebhook(Exception):
    """The signature does not fit the bytes, or is too old; nothing of it may be stored."""


class MalformedWebhook(Exception):
    """It is signed, or needs no signature, but is not an event we can read."""


class Provider(Protocol):
    """What serves the lanes `<channel>:<provider>`."""

    name: str

    def perform(self, dispatch: Dispatch) -> Outcome:
        """Make the one call, in bounded time (≤ 10 s); never raises for what a provider or network does."""
        ...

    def look_up(self, sought: Sought) -> Evidence:
        """Ask, without changing anything there, whether it took a message; in bounded time, never raises."""
        ...

    def probe(self) -> str | None:
        """Try the account without sending: None when it lets us in, else why not; in bounded time, never raises."""
        ...

    def close(self) -> None:
        """Release connections and threads."""
        ...


@dataclass(frozen=True, slots=True)
class Gone:
    """There is no such object, or the event names none; `reason` says which."""

    reason: str


@runtime_checkable
class Answers(Provider, Protocol):
    """A provider that can be asked for the object which an event is about."""

    def ask_about(self, event: ObjectEvent) -> ObjectEvent | Gone | NoWord:
        """The same event with the object as it stands now; in bounded time, never raises for what a provider or network does."""
        ...


@runtime_checkable
class Remembers(Provider, Protocol):
    """A provider that keeps a list of the events it could not deliver."""

    def missed(self, since: datetime) -> list[Event]:
        """The events since then that no webhook of ours took, oldest last; in bounded time, raises what the transport raises."""
        ...


@dataclass(frozen=True, slots=True)
class Booked:
    """A line of a provider's own books: a payment, a refund or a dispute, in the provider's own words; the ids of ours that its metadata names."""

    what: Literal["payment", "refund", "dispute"]
    ref: str
    payment_ref: str
    amount_minor: int
    currency: str
    """ISO 4217, in capitals."""
    state: str
    at: datetime
    workspace: str = ""
    invoice: str = ""


@runtime_checkable
class KeepsBooks(Provider, Protocol):
    """A provider of payments that can be asked for its own books."""

    def books(self, since: datetime, until: datetime) -> list[Booked]:
        """What was made there in that time, without changing anything; in bounded time, raises what the transport raises."""
        ...
