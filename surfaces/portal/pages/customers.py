"""Customers: found by name or address, and everything about one: what they agreed to, what was sent, and erasing them after a question."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from crm.contacts import consents
from crm.contacts.consents import CHANNELS, LONGEST_EVIDENCE, NeedsEvidence, StaysOptedOut, Word
from crm.contacts.shapes import account_of
from crm.contacts.tools.accounts import SearchMembers, search_members
from crm.profiles import erasure
from crm.profiles.erasure import StillLeaving
from crm.profiles.messages import messages_of
from crm.profiles.tools import WhichAccount, get_member_profile
from kernel.arguments import fitted
from kernel.errors import InvalidArguments, SaysoError
from kernel.keys import show
from surfaces.door import Door
from surfaces.portal.guard import Inside, inside
from surfaces.portal.looks import page
from surfaces.portal.refusals import ConsentIncomplete
from surfaces.portal.visit import Visit, endpoint, go

PATH = "/portal/customers"
ONE = f"{PATH}/{{id}}"
LONGEST = 120
PAGE = 30
MESSAGES = 20
SHOWN_WORDS = 20
HEARD = {"agent": "an agent", "import": "an imported list", "person": "one of us", "customer": "the customer", "provider": "the provider"}
"""Whose word a consent is, in plain words."""


def routes(door: Door) -> list[BaseRoute]:
    """Find them, see one, write down what they said, ask before erasing one, erase, or keep."""
    return [
        Route(PATH, endpoint(door, look)),
        Route(ONE, endpoint(door, show_one)),
        Route(f"{ONE}/consent", endpoint(door, agree), methods=["POST"]),
        Route(f"{ONE}/erase", endpoint(door, ask)),
        Route(f"{ONE}/erase", endpoint(door, erase), methods=["POST"]),
        Route(f"{ONE}/keep", endpoint(door, keep), methods=["POST"]),
    ]


def look(visit: Visit) -> Response:
    """Whom the words find, a page at a time; whoever waits to be erased on top."""
    words = visit.request.query_params.get("q", "").replace("\x00", "").strip()[:LONGEST]
    with inside(visit) as it:
        found = search_members(it.call, _asked(words, visit.request.query_params.get("after")))
        then = show("acc", found.next_cursor) if found.next_cursor else None
        return page(
            "customers.html",
            words=words,
            found=[(show("acc", one.account_id), one) for one in found.items],
            total=found.total,
            wanted=[(show("acc", one.id), one) for one in erasure.wanted(it.call)],
            may_import=it.person.may_decide,
            nonce=it.nonce("export"),
            then=then and f"{PATH}?{urlencode({'q': words, 'after': then})}",
            start=f"{PATH}?{urlencode({'q': words})}" if visit.request.query_params.get("after") else None,
            zone=it.zone,
            **it.frame,
        )


def _asked(words: str, after: str | None) -> SearchMembers:
    """What is none of our ids counts as not given."""
    try:
        return fitted(SearchMembers, {"search": words or None, "limit": PAGE, "cursor": after or None})
    except InvalidArguments:
        return fitted(SearchMembers, {"search": words or None, "limit": PAGE})


def show_one(visit: Visit) -> Response:
    """Everything about one customer."""
    return _show(visit)


def agree(visit: Visit) -> Response:
    """Write down what a customer said; a refusal shows the page again, with the reason on top."""
    account = visit.named("acc")
    try:
        with inside(visit) as it:
            it.check(f"consent:{show('acc', account)}")
            consents.say(it.call, account_of(it.call, account), _word(visit))
    except (NeedsEvidence, StaysOptedOut, ConsentIncomplete) as refused:
        return _show(visit, refused)
    return go(_address(account))


def _word(visit: Visit) -> Word:
    channel = next((name for name in CHANNELS if name == visit.form.get("channel")), None)
    said = {"yes": True, "no": False}.get(visit.form.get("said", ""))
    evidence = visit.form.get("evidence", "").replace("\x00", "").strip()
    if channel is None or said is None or len(evidence) > LONGEST_EVIDENCE:
        raise ConsentIncomplete
    return Word(channel, said, evidence or None, "person")


def ask(visit: Visit) -> Response:
    """What erasing this customer means, and the button that does it."""
    return _question(visit)


def erase(visit: Visit) -> Response:
    """Erase a customer for good; where a message is on its way the page says so, and nothing is erased."""
    account = visit.named("acc")
    try:
        with inside(visit) as it:
            it.for_deciders()
            it.check(f"erase:{show('acc', account)}")
            erasure.erase(it.call, account)
    except StillLeaving as refused:
        return _question(visit, refused)
    return go(PATH)


def keep(visit: Visit) -> Response:
    """A person says no to a wish to erase."""
    with inside(visit) as it:
        it.for_deciders()
        account = visit.named("acc")
        it.check(f"erase:{show('acc', account)}")
        erasure.decline(it.call, account)
    return go(_address(account))


def _question(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        it.for_deciders()
        account = account_of(it.call, visit.named("acc"))
        return page(
            "customer_erase.html",
            refused.status if refused else 200,
            refused=refused,
            account=account,
            wish=erasure.asked(it.call, account.id),
            action=_address(account.id),
            nonce=it.nonce(f"erase:{show('acc', account.id)}"),
            zone=it.zone,
            **it.frame,
        )


def _show(visit: Visit, refused: SaysoError | None = None) -> Response:
    with inside(visit) as it:
        profile = get_member_profile(it.call, WhichAccount(account_id=visit.named("acc")))
        account = account_of(it.call, profile.account_id)
        return page(
            "customer.html",
            refused.status if refused else 200,
            refused=refused,
            profile=profile,
            messages=messages_of(it.call, account, MESSAGES),
            said=consents.history(it.call, account.id, SHOWN_WORDS),
            heard=HEARD,
            action=_address(account.id),
            nonce=_nonce(it, account.id),
            longest=LONGEST_EVIDENCE,
            may_erase=it.person.may_decide,
            zone=it.zone,
            **it.frame,
        )


def _nonce(it: Inside, account: UUID) -> str:
    return it.nonce(f"consent:{show('acc', account)}")


def _address(account: UUID) -> str:
    return f"{PATH}/{show('acc', account)}"
