"""The words of a campaign for each customer: gaps are filled by what is known of them, and a name that is more than a name leaves them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from approvals.mailings import Meant
from crm.contacts.tables import Account
from crm.templates.gaps import ABOUT_A_CUSTOMER, check_known, fill_many, gaps_in
from kernel.arguments import fitted
from kernel.call import Call
from kernel.tenancy import Workspace
from outbox.content import KINDS, Channel
from outbox.unsubscribing import unsubscribe_url

ANYBODY: dict[Channel, str] = {"whatsapp": "+447400123456", "sms": "+447400123456", "email": "anybody@example.com"}
"""Good addresses, to tell words that cannot be sent at all from somebody who cannot be reached."""


def check(channel: Channel, words: Mapping[str, str]) -> None:
    """Raises InvalidArguments for words that cannot be sent to anybody, and UnknownVariable for a gap that nothing fills."""
    check_known(gaps_in(*words.values()), ABOUT_A_CUSTOMER)
    fitted(KINDS[channel], {"to": ANYBODY[channel], **words})


def written(call: Call, channel: Channel, words: Mapping[str, str], accounts: Sequence[Account]) -> list[Meant]:
    """Each customer with the words for them. Raises as `check` does."""
    check(channel, words)
    meant = _filled(call, channel, words, accounts)
    return [replace(one, words=_with_way_out(call, one)) for one in meant] if channel == "email" else meant


def _with_way_out(call: Call, one: Meant) -> Mapping[str, str]:
    """A letter to many says how to get no more of them, to people and to mail programs."""
    if one.address is None:
        return one.words
    url = unsubscribe_url(call.settings.base_url, call.settings.secrets, call.workspace, one.address)
    return {**one.words, "body": f"{one.words['body']}\n\n-- \nNo more of these letters: {url}", "unsubscribe": url}


def _filled(call: Call, channel: Channel, words: Mapping[str, str], accounts: Sequence[Account]) -> list[Meant]:
    addresses = [account.email if channel == "email" else account.phone for account in accounts]
    if not gaps_in(*words.values()):
        return [Meant(account.name, address, words) for account, address in zip(accounts, addresses, strict=True)]
    business = call.session.get_one(Workspace, call.workspace).name
    given = [{"customer_name": one.name, "first_name": one.first_name or one.name, "business": business} for one in accounts]
    filled = fill_many(call.session, words, given)
    return [
        Meant(account.name, address, said, None if is_plain else "unusual_name")
        for account, address, (said, is_plain) in zip(accounts, addresses, filled, strict=True)
    ]
