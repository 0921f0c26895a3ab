"""What a customer reads of a booking in the business's own words: a template's, filled with the booking, in any language and on WhatsApp at any time."""

from __future__ import annotations

from typing import Any, cast

import pytest

from approvals.wanted import WindowClosed
from crm.bookings.tools.bookings import Changed
from crm.templates.gaps import UnknownVariable
from kernel.db import Database
from kernel.errors import InvalidArguments, NotFound
from kernel.keys import new_id, show
from tests.approvals.hands import rows
from tests.crm.test_booking_life import TEN, booked, detail
from tests.crm.test_bookings import _monday, book, haircut
from tests.crm.test_reminders import template
from tests.crm.test_whatsapp_templates import APPROVED, SID
from tests.factories import Desk

__all__ = ["_monday"]

FRENCH = "Bonjour {{first_name}}, c'est noté : {{service}}, {{date}} à {{time}}. {{business}}"
READ = "Bonjour Mia Park, c'est noté : Haircut, Tuesday 19 May 2026 à 10:00. Studio Ola"


def words(desk: Desk, body: str = FRENCH, **more: Any) -> str:
    return show("tpl", template(desk, body, **more).template_id)


def confirm(desk: Desk, booking: str, **more: Any) -> Changed:
    return cast("Changed", desk.run("confirm_booking", bookingId=booking, **more))


def read_of(desk: Desk, changed: Changed) -> Any:
    assert changed.approval_id
    (preview,) = cast("Any", desk.run("get_approval", approvalId=show("apr", changed.approval_id))).preview
    return preview


@pytest.mark.parametrize("notify", [{"notify": "sms"}, {}])
def test_the_words_are_the_templates_filled_with_the_booking(desk: Desk, notify: dict[str, str]) -> None:
    told = read_of(desk, confirm(desk, booked(desk), notifyTemplateId=words(desk), **notify))
    assert (told.channel, told.parts[0].text) == ("sms", READ)


def test_a_letter_has_the_templates_subject(desk: Desk) -> None:
    of = words(desk, "À bientôt, {{first_name}}.", channel="email", subject="Votre rendez-vous : {{service}}")
    told = read_of(desk, confirm(desk, booked(desk), notifyTemplateId=of))
    assert [part.text for part in told.parts] == ["Votre rendez-vous : Haircut", "À bientôt, Mia Park."]


def test_moved_and_cancelled_say_the_time_that_holds(desk: Desk) -> None:
    booking, of = booked(desk), words(desk, "{{date}} {{time}}")
    moved = cast("Changed", desk.run("reschedule_booking", bookingId=booking, start="2026-05-20T11:00:00+02:00", notifyTemplateId=of))
    assert read_of(desk, moved).parts[0].text == "Wednesday 20 May 2026 11:00"
    cancelled = cast("Changed", desk.run("cancel_booking", bookingId=booking, confirm=True, notifyTemplateId=of))
    assert read_of(desk, cancelled).parts[0].text == "Wednesday 20 May 2026 11:00"


def test_an_approved_whatsapp_template_needs_no_open_window(desk: Desk, owner_db: Database) -> None:
    booking = booked(desk)
    with pytest.raises(WindowClosed):
        confirm(desk, booking, notify="whatsapp")
    told = read_of(desk, confirm(desk, booking, notifyTemplateId=words(desk, **APPROVED)))
    assert (told.parts[0].text, told.template) == (READ, f"{SID} (en)")


@pytest.mark.parametrize(
    ("body", "more", "refusal"),
    [("Hello {{favourite_colour}}", {}, UnknownVariable), (FRENCH, {"notify": "email"}, InvalidArguments), (None, {}, NotFound)],
)
def test_words_that_cannot_be_said_change_nothing(desk: Desk, owner_db: Database, body: str | None, more: dict[str, str], refusal: type[Exception]) -> None:
    booking, of = booked(desk), words(desk, body) if body else show("tpl", new_id())
    with pytest.raises(refusal):
        confirm(desk, booking, notifyTemplateId=of, **more)
    assert (detail(desk, booking).status, rows(owner_db, "SELECT count(*) FROM approval")) == ("pending", [(0,)])


def test_a_name_with_a_gap_in_it_is_not_filled_again(desk: Desk) -> None:
    booking = show("bkg", book(desk, haircut(desk), TEN, {"name": "{{business}}", "phone": "+447400123456"}).booking_id)
    assert read_of(desk, confirm(desk, booking, notifyTemplateId=words(desk, "Hi {{customer_name}}"))).parts[0].text == "Hi {{business}}"
