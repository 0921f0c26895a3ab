"""`sayso bookings …`: what customers have booked."""

from __future__ import annotations

from surfaces.verb import Take, Verb

WHICH = Take("bookingId", "A booking, bkg_….", required=True, is_word=True)
NOTIFY = Take("notify", "Ask to tell the customer by whatsapp, sms or email; a person approves it first.")
START = Take("start", "ISO 8601 with an offset: 2026-05-20T10:00:00+02:00.", required=True)
SERVICE = Take("serviceId", "A service, svc_….", required=True)
STAFF = Take("staffId", "Who serves, stf_….")

VERBS = (
    Verb(
        "bookings list",
        "list_bookings",
        "Bookings, earliest first.",
        (
            Take("status", "pending, confirmed, completed, cancelled or no_show."),
            Take("from", "From this day or moment on."),
            Take("to", "Until this day or moment."),
            Take("limit", "How many, at most 100.", int),
            Take("cursor", "nextCursor of the page before."),
        ),
        columns=("bookingId", "status", "start", "serviceName", "customerName"),
    ),
    Verb("bookings show", "get_booking_detail", "One booking with its history.", (WHICH,)),
    Verb(
        "bookings slots",
        "get_available_slots",
        "When a service is free.",
        (
            SERVICE,
            Take("date", "The first day: 2026-05-20.", required=True),
            Take("days", "How many.", int),
            STAFF,
        ),
    ),
    Verb(
        "bookings create",
        "create_booking",
        "Take a free slot for a customer; pending until confirmed.",
        (
            SERVICE,
            START,
            Take("customer.name", "Their name.", option="name"),
            Take("customer.email", "Their e-mail address.", option="email"),
            Take("customer.phone", "Their phone number.", option="phone"),
            Take("accountId", "The customer, when known: acc_…."),
            STAFF,
            Take("notes", "What the team should know."),
            Take("idempotencyKey", "Reuse it when you retry."),
        ),
    ),
    Verb("bookings confirm", "confirm_booking", "Confirm a pending booking.", (WHICH, NOTIFY)),
    Verb(
        "bookings cancel",
        "cancel_booking",
        "Cancel a booking.",
        (WHICH, Take("reason", "For the team."), Take("confirm", "Also after its deadline.", bool), NOTIFY),
    ),
    Verb("bookings reschedule", "reschedule_booking", "Move a booking to another free slot.", (WHICH, START, STAFF, NOTIFY)),
    Verb("bookings complete", "complete_booking", "Say that the customer came.", (WHICH,)),
    Verb("bookings no-show", "mark_no_show", "Say that the customer did not come.", (WHICH,)),
    Verb("bookings stats", "get_booking_stats", "How many, by state, and what they are worth.", (Take("from", "From when."), Take("to", "Until when."))),
)
