"""`sayso invoices …`: what customers owe."""

from __future__ import annotations

from surfaces.verb import Take, Verb

WHICH = Take("invoiceId", "An invoice, inv_….", required=True, is_word=True)
ONCE = Take("idempotencyKey", "Reuse it when you retry.")
PAGE = (Take("limit", "How many, at most 100.", int), Take("cursor", "nextCursor of the page before."))
COLUMNS = ("invoiceId", "number", "status", "customerName", "total", "currency", "dueDate")

VERBS = (
    Verb("invoices list", "list_invoices", "Invoices.", (Take("status", "Such as open."), Take("accountId", "A customer, acc_…."), *PAGE), columns=COLUMNS),
    Verb("invoices overdue", "list_overdue_invoices", "What should have been paid by now.", PAGE, columns=COLUMNS),
    Verb("invoices show", "get_invoice", "One invoice.", (WHICH,)),
    Verb(
        "invoices create",
        "create_invoice",
        "Write an invoice for a booking; for lines of one's own use `sayso tool create_invoice`.",
        (Take("bookingId", "A booking, bkg_….", required=True), Take("dueDate", "Such as 2026-06-01."), ONCE),
    ),
    Verb("invoices send", "mark_invoice_sent", "Ask to e-mail an invoice; a person approves it first.", (WHICH, ONCE)),
    Verb("invoices paid", "mark_invoice_paid", "Record that it has been paid.", (WHICH, Take("method", "How."), Take("paidAt", "When."))),
    Verb("invoices void", "void_invoice", "Void an invoice.", (WHICH, Take("reason", "Why."))),
    Verb("invoices stats", "get_invoice_stats", "How much is open, overdue and paid."),
)
