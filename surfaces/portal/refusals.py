"""What the portal itself refuses, each with a code and a next step for a person."""

from __future__ import annotations

from kernel.errors import AuthRequired, Forbidden, InvalidArguments, NotFound


class LinkAbsent(NotFound):
    """This browser holds no open approval link."""

    code = "link_absent"
    next_step = "Open the link in your message once more; it stays open here for 30 minutes."


class NotSignedIn(AuthRequired):
    """You are not signed in."""

    code = "not_signed_in"
    next_step = "Sign in to the portal."


class ForeignForm(Forbidden):
    """This form was not sent from a page of ours, so nothing was done."""

    code = "foreign_form"
    next_step = "Open the link in your message, or the portal, and decide there."


class StaleForm(Forbidden):
    """This form is older than 30 minutes or belongs to another request, so nothing was done."""

    code = "stale_form"
    next_step = "Read the page as it stands now and decide again."


class NoVerdict(InvalidArguments):
    """No button of this form was pressed, so nothing was done."""

    code = "no_verdict"
    next_step = "Press one of its buttons."


class NoCode(InvalidArguments):
    """The code is six digits; nothing was decided and no try was used."""

    code = "no_code"
    next_step = "Type the six digits that stand below the link in your message."


class UnreadableForm(InvalidArguments):
    """This form cannot be read, so nothing was done."""

    code = "unreadable_form"
    next_step = "Open the page again and use its buttons."


class NoReason(InvalidArguments):
    """This needs a reason, so nothing was done."""

    code = "no_reason"
    next_step = "Say in a few words how you know, or why; it is kept with the record."


class NoAddress(InvalidArguments):
    """That is not an e-mail address, so no code was posted."""

    code = "no_address"
    next_step = "Type the address that you are known by here, such as you@example.com."


class DecidersOnly(Forbidden):
    """Only an owner or a manager sees and changes this."""

    code = "deciders_only"
    next_step = "Ask an owner or a manager of the business."


class KeyIncomplete(InvalidArguments):
    """A key needs a name of one line and at least one thing that it may do, so none was made."""

    code = "key_incomplete"
    next_step = "Give it a name of at most 80 characters, and tick what the agent may do."


class OwnersOnly(Forbidden):
    """Only an owner says who belongs to the business, and which plan it has."""

    code = "owners_only"
    next_step = "Ask an owner of the business."


class PersonIncomplete(InvalidArguments):
    """A person needs a name of one line, an e-mail address and a role, so nobody was added."""

    code = "person_incomplete"
    next_step = "Fill in all three."


class JoinCodeRefused(Forbidden):
    """That is not the code, or it is over, and nobody was let in."""

    code = "join_code_refused"
    next_step = "Type the six digits of the newest letter, or ask for a new code; a code is good for ten minutes and five tries."


class PolicyUnfit(InvalidArguments):
    """These settings do not fit, so nothing was set."""

    code = "policy_unfit"
    next_step = "Correct what is named above; nothing was set."


class WishIncomplete(InvalidArguments):
    """These wishes are not complete, so nothing was changed."""

    code = "wish_incomplete"
    next_step = "Choose a channel, and give both ends of the quiet hours or none."


class TermsIncomplete(InvalidArguments):
    """This needs how often a day, and until when, so nothing was allowed."""

    code = "terms_incomplete"
    next_step = "Fill in a number and a date."


class ConsentIncomplete(InvalidArguments):
    """This needs a channel and what the customer said, in at most 500 characters, so nothing was written down."""

    code = "consent_incomplete"
    next_step = "Choose a channel, and whether they agreed or opted out."


class FileUnreadable(InvalidArguments):
    """This file is no text that can be read here, so nothing was done."""

    code = "file_unreadable"
    next_step = "Save it in your spreadsheet as CSV in UTF-8, and choose that file."
