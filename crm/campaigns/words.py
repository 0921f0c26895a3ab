"""The words of a campaign for each customer: gaps are filled by what is known of them, and a name that is more than a name leaves them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from approvals.mailings import Meant
from crm.contacts.tables import Account
from crm.templates.approved import said_by
from crm.templates.filling import filled
from crm.templates.gaps import ABOUT_A_CUSTOMER, GAP, check_given, check_known, fill_many, gaps_in
from crm.templates.tools import version_of
from kernel.arguments import fitted
from kernel.call import Call
from kernel.errors import InvalidArguments
from kernel.tenancy import Workspace
from outbox.content import Channel, kind_saying
from outbox.kinds.whatsapp_template import is_value
from outbox.unsubscribing import unsubscribe_url

APPROVED = "approved"
"""Under this name words say as which of WhatsApp's templates they leave."""
EXAMPLES = {"customer_name": "[customer name]", "first_name": "[first name]"}
"""What stands in a copy for nobody in particular: nobody takes it for a name."""
ANYBODY: dict[Channel, str] = {"whatsapp": "+447400123456", "sms": "+447400123456", "email": "anybody@example.com"}
"""Good addresses, to tell words that cannot be sent at all from somebody who cannot be reached."""


def check(channel: Channel, words: Mapping[str, Any]) -> None:
    """Raises InvalidArguments for words that cannot be sent to anybody, and UnknownVariable for a gap that nothing fills."""
    said, approved = _parted(words)
    gaps = gaps_in(*said.values())
    check_known(gaps, ABOUT_A_CUSTOMER)
    beside = said_by(approved, {name: name for name in gaps})
    text = {"body": GAP.sub(lambda gap: gap[1], said["body"])} if approved else {}
    fitted(kind_saying(channel, beside), {"to": ANYBODY[channel], **said, **text, **beside})


def words_of(call: Call, channel: Channel, template: UUID | None, body: str | None, subject: str | None) -> dict[str, Any]:
    """The words that are said, or those of the template's newest version. Raises InvalidArguments, NotFound."""
    if (template is None) == (body is None):
        raise InvalidArguments("Give either `body` or `templateId`.")
    if template is None:
        return {"body": body or "", **({"subject": subject} if subject is not None else {})}
    kept, words = version_of(call, template)
    if kept.channel != channel or subject is not None:
        raise InvalidArguments(f"This template is for {kept.channel}, and has its own subject.")
    return {"body": words.body, **({"subject": words.subject} if words.subject else {}), **({APPROVED: words.approved} if words.approved else {})}


def copied(call: Call, words: Mapping[str, Any], one: Account | None, given: Mapping[str, str]) -> dict[str, str]:
    """One copy to look at: a gap takes what is given for it, else what is known of the customer, else its own name in brackets. Raises UnknownVariable."""
    said, approved = _parted(words)
    gaps = gaps_in(*said.values())
    check_given(gaps, {**dict.fromkeys(gaps, ""), **given})
    known = EXAMPLES | _known_of(one) if one else EXAMPLES
    values = {**known, "business": call.session.get_one(Workspace, call.workspace).name, **given}
    return filled(call.session, said, approved, values)


def _known_of(one: Account) -> dict[str, str]:
    return {"customer_name": one.name, "first_name": one.first_name or one.name}


def _parted(words: Mapping[str, Any]) -> tuple[dict[str, str], Mapping[str, Any] | None]:
    """The texts with their gaps, and the approved template that says them."""
    return {name: text for name, text in words.items() if name != APPROVED}, words.get(APPROVED)


def written(call: Call, channel: Channel, words: Mapping[str, Any], accounts: Sequence[Account]) -> list[Meant]:
    """Each customer with the words for them. Raises as `check` does."""
    check(channel, words)
    meant = _filled(call, channel, words, accounts)
    return [replace(one, words=with_way_out(call, one.address, one.words)) for one in meant] if channel == "email" else meant


def _fits(approved: Mapping[str, Any] | None, values: Mapping[str, str]) -> bool:
    return approved is None or all(is_value(values[name]) for name in approved["names"])


def with_way_out(call: Call, address: str | None, words: Mapping[str, str]) -> Mapping[str, str]:
    """A letter to many says how to get no more of them, to people and to mail programs."""
    if address is None:
        return words
    url = unsubscribe_url(call.settings.base_url, call.settings.secrets, call.workspace, address)
    return {**words, "body": f"{words['body']}\n\n-- \nNo more of these letters: {url}", "unsubscribe": url}


def _filled(call: Call, channel: Channel, words: Mapping[str, Any], accounts: Sequence[Account]) -> list[Meant]:
    addresses = [account.email if channel == "email" else account.phone for account in accounts]
    said, approved = _parted(words)
    if not gaps_in(*said.values()):
        everybody = {**said, **said_by(approved, {})}
        return [Meant(account.name, address, everybody) for account, address in zip(accounts, addresses, strict=True)]
    business = call.session.get_one(Workspace, call.workspace).name
    given = [{**_known_of(one), "business": business} for one in accounts]
    written_for = fill_many(call.session, said, given)
    return [
        Meant(account.name, address, {**texts, **said_by(approved, values)}, None if is_plain and _fits(approved, values) else "unusual_name")
        for account, address, values, (texts, is_plain) in zip(accounts, addresses, given, written_for, strict=True)
    ]
