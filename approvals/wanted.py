"""Whether a message is wanted: what no claim would take is refused when it is asked for, so nobody reads it for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.call import Call
from kernel.errors import Conflict
from outbox import facts
from outbox.intents import Drafted


class OptedOut(Conflict):
    """This customer does not want messages on this channel, so nothing was asked for."""

    code = "opted_out"
    next_step = "Leave it (with a booking: leave `notify` out), or use another channel that they agree to."


def check_wanted(call: Call, drafts: Sequence[Drafted]) -> None:
    """Raises OptedOut when one of the recipients must not be messaged on its channel."""
    places = {(draft.snapshot.content.channel, draft.snapshot.content.recipient) for draft in drafts}
    for channel, recipient in sorted(places):
        if facts.is_suppressed(call.session, call.workspace, (channel, recipient)):
            raise OptedOut(channel=channel)
