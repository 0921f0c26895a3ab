"""Mutants of signatures: of providers' webhooks, and of our own forms and references."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

PROOF = "providers/proof.py"
SEAL = "kernel/seal.py"
STRIPE = "tests/providers/test_stripe_signatures.py"
REFERENCES = "tests/outbox/test_references.py"

MUTANTS = (
    Mutant("nothing need be proved", PROOF, "    if not proved:\n", "    if False:\n", (f"{STRIPE}::test_any_other_is_refused_and_nothing_stumbles",)),
    Mutant(
        "an old signature is good",
        PROOF,
        "insist(-SKEW_S <= age <= past,",
        "insist(-SKEW_S <= age,",
        ("tests/providers/test_webhooks.py::test_sandbox_is_forged_when_stale_or_early",),
    ),
    Mutant(
        "a signature of tomorrow is good",
        PROOF,
        "insist(-SKEW_S <= age <= past,",
        "insist(age <= past,",
        ("tests/providers/test_webhooks.py::test_sandbox_is_forged_when_stale_or_early",),
    ),
    Mutant(
        "a missing header is an empty one",
        PROOF,
        "    insist(value and value.isascii()",
        "    insist(value.isascii()",
        ("tests/providers/test_webhooks.py::test_it_is_forged_when_any_header_is_missing_or_foreign",),
        "an empty signature fits no key: the proof refuses it as well",
    ),
    Mutant(
        "Stripe signs anything",
        "providers/stripe.py",
        "return bool(WebhookSignature.verify_header(body, signature, secret))",
        "return True",
        (f"{STRIPE}::test_any_other_is_refused_and_nothing_stumbles",),
    ),
    Mutant(
        "Stripe's other account is ours",
        "providers/stripe.py",
        '    insist(_is_ours(event, settings), "it is of another account, or of the other mode")\n',
        "",
        ("tests/providers/test_stripe_events.py::test_stripe_is_forged_when_it_is_of_another_account",),
    ),
    Mutant(
        "Twilio signs anything",
        "providers/twilio.py",
        "return bool(RequestValidator(secret).validate(url, form, signature))",
        "return True",
        ("tests/providers/test_twilio_status.py::test_twilio_is_forged_when_changed",),
    ),
    Mutant(
        "SendGrid signs anything",
        "providers/sendgrid.py",
        "return bool(EventWebhook(key).verify_signature(body, signature, stamp))",
        "return True",
        ("tests/providers/test_sendgrid_events.py::test_sendgrid_is_forged_when_key_is_foreign_or_unusable",),
    ),
    Mutant(
        "a digit moves from time to body",
        "providers/sendgrid.py",
        '    insist(body.startswith("["), "the body is not a list")\n',
        "",
        ("tests/providers/test_sendgrid_events.py::test_sendgrid_is_forged_when_digit_moves",),
        "the time must have ten digits, so none can move: insist_fresh refuses it as well",
    ),
    Mutant(
        "the sandbox signs anything",
        "providers/sandbox_callbacks.py",
        "return any(keys.same(signature(secret, stamp, body).encode(), signed.encode()) for secret in secrets)",
        "return True",
        ("tests/providers/test_webhooks.py::test_sandbox_is_forged_when_its_time_is_changed",),
    ),
    Mutant(
        "our signature never ends",
        SEAL,
        "if -ahead <= age <= max_age else None",
        "if -ahead <= age else None",
        (f"{REFERENCES}::test_a_form_is_good_for_its_time_and_for_clocks_that_differ_by_minutes",),
    ),
    Mutant(
        "our signature of tomorrow is good",
        SEAL,
        "if -ahead <= age <= max_age else None",
        "if age <= max_age else None",
        (f"{REFERENCES}::test_a_form_is_good_for_its_time_and_for_clocks_that_differ_by_minutes",),
    ),
    Mutant(
        "one purpose's signature serves all",
        SEAL,
        "salt=purpose, signer=_Dated",
        'salt="sayso", signer=_Dated',
        (f"{REFERENCES}::test_a_form_is_good_for_its_time_and_for_clocks_that_differ_by_minutes",),
    ),
    Mutant(
        "a form's signature is of any page",
        "surfaces/portal/forms.py",
        'if given is None or not same(given.encode(), "|".join(bound_to).encode()):',
        "if given is None:",
        ("tests/portal/test_forms.py::test_a_nonce_of_another_link_is_refused",),
    ),
    Mutant(
        "a form comes from anywhere",
        "surfaces/portal/forms.py",
        "    if not is_ours(request.headers, settings.base_url):\n        raise ForeignForm\n",
        "",
        ("tests/portal/test_forms.py::test_a_form_from_elsewhere_is_refused",),
    ),
)
