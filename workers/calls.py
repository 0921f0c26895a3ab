"""One call: open the frozen bytes, prove their digest, check the lease, dial, and turn whatever happens into an outcome."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from uuid import UUID

from kernel import clock
from kernel.failpoints import Instant, reach
from kernel.keys import digest_of, same
from kernel.log import trail
from kernel.seal import unseal
from kernel.settings import Settings
from kernel.traces import Span, tell
from outbox.accounts import account_of, channel_of, provider_of
from outbox.content import KINDS
from outbox.dispatch import Accepted, Dispatch, Later, Outcome, Provider, Refused, Unsure
from outbox.inquiries import Doubt
from outbox.references import reference_to
from outbox.snapshot import Snapshot, thaw
from outbox.states import Claimed
from outbox.store import Finished, outcome_name
from workers.meters import CALLS, SENT_AFTER
from workers.own_accounts import OwnAccounts

log = logging.getLogger("sayso.calls")
TOO_LATE_PAUSE = 1.0
NOBODY_OWN = "This account is disconnected, or its credentials cannot be opened: connect it under Settings, Channels."
ALTERED = "The stored bytes are not the ones that were approved."
SEALED = "This worker cannot open it: it lacks the secret under which it was sealed."
UNKNOWN = "This worker knows no message of that kind: it is of another version than the process that asked."
TOO_LATE = "The worker was too late for its own lease; not dialled."
CALLBACKS = {"twilio": "twilio/status", "sendgrid": "sendgrid", "sandbox": "sandbox"}


class Calls:
    """Dials claimed rows of any lane through the provider that its name says."""

    def __init__(self, settings: Settings, providers: Mapping[str, Provider], own: OwnAccounts | None = None) -> None:
        """`providers` of the installation, by name; `own` knows those of workspaces' own accounts."""
        self._settings = settings
        self._providers = providers
        self._own = own

    def serving(self, lane: str, workspace: UUID | None = None) -> Provider | None:
        """Who serves the lane; None when nobody does, or when it is the account of another workspace than is said. May raise: it may ask the database."""
        account = account_of(lane)
        if account is None:
            return self._providers.get(provider_of(lane))
        return self._own.serving(account, workspace) if self._own else None

    def call(self, lane: str, claimed: Claimed, deadline: float) -> Finished:
        """Dial once, before `deadline` (monotonic seconds) or not at all; never raises."""
        with Span(f"send {lane.partition('/')[0]}", parent=claimed.traceparent, intent=claimed.intent_id, attempt=claimed.attempt) as span:
            finished = self._call(lane, claimed, deadline)
            span.say(outcome=outcome_name(finished.outcome))
            return finished

    def _call(self, lane: str, claimed: Claimed, deadline: float) -> Finished:
        started = clock.now()
        tell("claim", claimed.traceparent, clock.monotonic() - self._began(deadline), claimed.intent_id)
        snapshot = self._approved(lane, claimed)
        if isinstance(snapshot, Later | Refused):
            log.error("intent %s: not sent: %s", claimed.intent_id, snapshot.reason)
            return Finished(claimed, started, None, snapshot)
        reach(Instant.BEFORE_DIALLING)
        began = clock.monotonic()
        outcome = self._dial(lane, claimed, snapshot, deadline)
        reach(Instant.ANSWER_RECEIVED)
        ended = clock.monotonic()
        CALLS.labels(provider_of(lane), outcome_name(outcome)).observe(ended - began)
        if claimed.waited is not None and isinstance(outcome, Accepted):
            SENT_AFTER.labels(channel_of(lane)).observe(claimed.waited + ended - self._began(deadline))
        return Finished(claimed, started, claimed.digest, outcome)

    def _began(self, deadline: float) -> float:
        """When the tick began that claimed a row with this deadline."""
        return deadline - self._settings.dial_within

    def dispatch_of(self, lane: str, doubt: Doubt) -> Dispatch | None:
        """The dispatch of a call that was made, to look it up; None when its bytes are gone."""
        provider = self.serving(lane, doubt.workspace_id)
        body = unseal(self._settings.secrets, doubt.snapshot) if doubt.sealed else doubt.snapshot
        return self._dispatch(provider, doubt, thaw(body)) if provider and body else None

    def _approved(self, lane: str, claimed: Claimed) -> Snapshot | Later | Refused:
        """The last look before the outside world: these very bytes are what a person, or the database for the system, said yes to."""
        body = unseal(self._settings.secrets, claimed.snapshot) if claimed.sealed else claimed.snapshot
        if body is None:
            return Later(SEALED)
        if not same(digest_of(body), claimed.digest):
            return Refused(ALTERED, "altered")
        if claimed.kind not in KINDS:
            return Later(UNKNOWN)
        try:
            snapshot = thaw(body)
        except (KeyError, TypeError, ValueError):
            return Refused(ALTERED, "altered")
        return snapshot if agrees(lane, claimed, snapshot) else Refused(ALTERED, "altered")

    def _dial(self, lane: str, claimed: Claimed, snapshot: Snapshot, deadline: float) -> Outcome:
        try:
            provider = self.serving(lane, claimed.workspace_id)
        except Exception as fault:  # noqa: BLE001 - nothing was dialled, and its words may quote a row
            return Later(f"The account could not be read ({type(fault).__name__}); not dialled.", after=TOO_LATE_PAUSE, counts=False)
        if provider is None:
            return Later(NOBODY_OWN if account_of(lane) else f"No provider serves the lane {lane}: choose it in the settings.", lane_fault=True)
        dispatch = self._dispatch(provider, claimed, snapshot)
        # Nothing that may wait comes between this look at the clock and the call: after its lease a claim may be somebody else's.
        if clock.monotonic() > deadline:
            return Later(TOO_LATE, after=TOO_LATE_PAUSE, counts=False)
        try:
            return provider.perform(dispatch)
        except Exception as bug:  # noqa: BLE001 - its words may quote a customer
            log.warning("provider %s raised; whether it sent is unknown: %s", provider.name, trail(bug))
            return Unsure(f"The provider's adapter failed ({type(bug).__name__}).")

    def _dispatch(self, provider: Provider, claimed: Claimed | Doubt, snapshot: Snapshot) -> Dispatch:
        reference = reference_to(self._settings.secrets, claimed.intent_id, claimed.attempt)
        path = CALLBACKS.get(provider.name, provider.name)
        return Dispatch(
            intent=claimed.intent_id,
            attempt=claimed.attempt,
            channel=snapshot.content.channel,
            sender=snapshot.sender,
            recipient=snapshot.content.recipient,
            content=snapshot.content,
            reference=reference,
            callback_url=f"{self._settings.base_url}/webhooks/{path}?ref={reference}",
        )


def agrees(lane: str, claimed: Claimed, snapshot: Snapshot) -> bool:
    """Whether the bytes say what the rows say: the grant was judged, and suppressions are looked up, by the rows; the bytes are dialled."""
    content = snapshot.content
    said = (snapshot.workspace, content.kind, content.channel, content.recipient)
    return said == (claimed.workspace_id, claimed.kind, channel_of(lane), claimed.recipient)
