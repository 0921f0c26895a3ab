"""What holds for every page: strict headers, safe cookies, nothing from elsewhere, hostile words made harmless, silent logs."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import httpx2
import pytest
from jinja2 import nodes
from starlette.routing import Route

from kernel.keys import show
from kernel.settings import load
from surfaces.door import Door
from surfaces.portal import assets, words
from surfaces.portal.looks import templates
from surfaces.portal.routes import routes
from tests.approvals.crowds import campaign
from tests.factories import Desk
from tests.portal.guest import Guest, Reader, address_of, guest_at, invited, login_token

STRICT = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "content-security-policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202eevil\u200b"


def tour(guest: Guest, desk: Desk) -> dict[str, httpx2.Response]:
    """Every address once, in each of its moods."""
    pending, decided = desk.ask(), desk.approved()
    invitation, get, post = invited(desk, pending), guest.http.get, guest.http.post
    seen = {
        "login": get("/portal/sign-in"),
        "enter": get(f"/portal/enter/{login_token(desk)}"),
        "not signed in": get("/portal"),
        "no cookie": get("/a"),
        "forged": get("/a/x"),
        "stray": get("/a/x/y"),
        "arrive": get(f"/a/{invitation.token}"),
        "pending": get("/a"),
        "stale": post("/a", data={}),
        "foreign": post("/a", headers={"Origin": "https://evil.example"}),
        "edit": get("/a/edit"),
        "changes": post("/a/edit", data={**Reader(get("/a/edit").text).fields, "body": "Your table is set."}),
        "unfit": post("/a/edit", data={**Reader(get("/a/edit").text).fields, "body": ""}),
        "wrong code": guest.press(get("/a"), "approved", code="000000"),
        "decided": guest_at(desk).open(invited(desk, decided)),
    }
    guest.sign_in()
    return (
        seen
        | campaigns(guest, desk)
        | {
            "waiting": get("/portal"),
            "approval": get(address_of(pending)),
            "approved": get(address_of(decided)),
            "edit inside": get(f"{address_of(pending)}/edit"),
            "unknown": get(f"/portal/approvals/{show('apr', desk.founded.owner)}"),
            "ledger": get("/portal/ledger"),
            "policies": get("/portal/policies"),
            **{name: get(f"/portal/{name}") for name in ("standing", "reminders", "reports")},
            "allow": get(f"{address_of(decided)}/allow"),
            "policy": get("/portal/policies/two_people"),
            "nothing": get("/portal/nothing"),
            "leave": post("/portal/leave", data=Reader(get("/portal").text).fields),
        }
    )


def campaigns(guest: Guest, desk: Desk) -> dict[str, httpx2.Response]:
    """The addresses of what goes to many, for somebody who is signed in."""
    for number in range(1, 6):
        desk.run("create_account", name=f"Customer {number}", phone=f"+44740000000{number}")
    many, run = campaign(desk), campaign(desk)
    desk.decide(run)
    return {
        "many": guest.http.get(address_of(many)),
        "everybody": guest.http.get(f"{address_of(many)}/recipients?without=1"),
        "run": guest.http.get(address_of(run)),
        "receipts": guest.http.get(f"{address_of(run)}/recipients?state=waiting"),
        "many behind a link": guest_at(desk).open(invited(desk, many)),
    }


def test_every_answer_carries_the_strict_headers(guest: Guest, desk: Desk) -> None:
    for name, answer in tour(guest, desk).items():
        assert {header: answer.headers.get(header) for header in STRICT} == STRICT, name
        assert answer.status_code < 500, name


def test_no_page_loads_anything_from_elsewhere_or_runs_a_script_but_our_one(guest: Guest, desk: Desk) -> None:
    for name, answer in tour(guest, desk).items():
        read = Reader(answer.text)
        assert all(address.startswith(("/portal", "/a", "#")) and not address.startswith("//") for address in read.addresses), name
        assert not {"iframe", "object", "embed", "base"} & set(read.tags), name
        assert read.tags.count("script") == answer.text.count(f'<script src="{assets.ASSETS["portal.js"].url}" defer></script>'), name
        assert " style=" not in answer.text, name
        assert not re.search(r"\son\w+=", answer.text), name


def test_every_page_has_its_language_title_heading_and_landmarks(guest: Guest, desk: Desk) -> None:
    for name, answer in tour(guest, desk).items():
        if answer.status_code == 303:
            continue
        read = Reader(answer.text)
        assert (read.tags.count("h1"), read.tags.count("main"), read.tags.count("header")) == (1, 1, 1), name
        assert '<html lang="en">' in answer.text
        assert re.search(r"<title>\S.* · Sayso</title>", answer.text), name


@pytest.mark.parametrize(("base", "secure"), [("http://sayso.test", False), ("https://sayso.test", True)])
def test_the_cookies_are_short_hidden_from_scripts_and_bound_to_their_place(desk: Desk, base: str, secure: bool) -> None:
    at = Desk(desk.database, desk.settings.model_copy(update={"base_url": base}), desk.founded)
    visitor = guest_at(at)
    link = visitor.http.get(f"/a/{invited(at, at.ask()).token}").headers["set-cookie"].lower()
    token = login_token(at)
    fields = Reader(visitor.http.get(f"/portal/enter/{token}").text).fields
    session = visitor.http.post(f"/portal/enter/{token}", data=fields).headers["set-cookie"].lower()
    for cookie, place, age in ((link, "/a", 1800), (session, "/portal", 43200)):
        parts = set(cookie.split("; ")[1:])
        assert {"httponly", "samesite=lax", f"path={place}", f"max-age={age}"} <= parts
        assert ("secure" in parts) is secure
        assert cookie.startswith("__secure-") is secure


def test_hostile_words_are_shown_and_never_obeyed(guest: Guest, desk: Desk) -> None:
    desk.run("create_account", name="<script>Mia</script>", phone="+447400123456")
    payload = {"to": "+447400123456", "body": HOSTILE}
    pending = desk.run("request_send_approval", actionType="send_sms", payload=payload, summary=HOSTILE)
    page = guest.open(invited(desk, pending))  # type: ignore[arg-type]  # this operation answers Pending
    guest.sign_in()
    for answer in (page, guest.http.get("/portal"), guest.http.get("/portal/ledger"), guest.http.get(f"/portal/approvals/{show('apr', pending.approval_id)}")):  # type: ignore[attr-defined]  # the same
        read = Reader(answer.text)
        assert read.tags.count("script") == 1
        assert all(address != "x" for address in read.addresses)
        assert "\u202e" not in answer.text
        assert "\u200b" not in answer.text
    assert page.text.count("⟦U+202E⟧") == 2
    assert "reverse the reading direction" in page.text


def test_an_emoji_keeps_its_joiner_and_a_bare_joiner_is_spelled_out() -> None:
    assert words.plain("💇\u200d♀") == "💇\u200d♀"
    assert "⟦U+200D⟧" in words.plain("pay\u200dpal")
    assert words.plain("a & <b>") == "a &amp; &lt;b&gt;"


def test_no_record_holds_a_token_or_a_code(guest: Guest, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    pending = desk.ask()
    invitation, login = invited(desk, pending), login_token(desk)
    page = guest.open(invitation)
    guest.press(page, "approved", code="000000")
    guest.press(page, "approved", code=invitation.code)
    guest.http.post(f"/portal/enter/{login}", data=Reader(guest.http.get(f"/portal/enter/{login}").text).fields)
    session = guest.http.cookies["sayso_session"]
    # The test's own client logs the addresses it calls; the server must not.
    written = "\n".join(
        f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    assert "/a/[redacted]" in written
    assert not [secret for secret in (invitation.token, invitation.code, login, session) if secret in written]


@pytest.mark.parametrize("name", [name for name in assets.ASSETS if not name.endswith(".svg")])
def test_styles_and_the_script_are_kept_for_ever_under_their_hash(guest: Guest, name: str) -> None:
    asset = assets.ASSETS[name]
    answer = guest.http.get(asset.url)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"].startswith(assets.MEDIA_TYPES[asset.path.suffix])
    assert not re.search(r"@import|url\(", answer.text)
    plain = guest.http.get(asset.url, headers={"Accept-Encoding": "identity"})
    assert (answer.headers["content-encoding"], "content-encoding" in plain.headers, plain.content == answer.content) == ("gzip", False, True)
    assert guest.http.get(f"/portal/static/{asset.path.stem}.000000000000{asset.path.suffix}").status_code == 404


def test_a_page_with_all_it_loads_is_small(guest: Guest, desk: Desk) -> None:
    loaded = sum(len(asset.packed) for asset in assets.ASSETS.values())
    assert loaded <= 10_000
    assert assets.ASSETS["portal.js"].path.stat().st_size <= 4096
    for name, answer in tour(guest, desk).items():
        assert len(answer.content) + loaded <= 20_000, name


def test_colours_are_named_in_the_tokens_alone() -> None:
    for name in assets.ASSETS:
        if name.endswith(".css") and name != "tokens.css":
            rules = Path(assets.ASSETS[name].path).read_text(encoding="utf-8")
            assert not re.search(r"#[0-9a-f]{3,8}\b|rgb\(", rules.replace("#code", "")), name


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


PAIRS = [
    (ink, ground)
    for ground, inks in {
        "paper": "ink quiet accent off good",
        "sheet": "ink quiet no good wait doubt bad accent off",
        "whatsapp": "ink",
        "sms": "ink",
        "whatsapp-kind": "ink",
        "sms-kind": "ink",
        "email-kind": "ink",
        "accent": "accent-ink",
        "yes": "yes-ink",
        "good-soft": "good ink",
        "wait-soft": "wait ink",
        "doubt-soft": "doubt",
        "bad-soft": "bad ink",
        "off-soft": "off quiet ink",
        "mark": "mark-ink",
    }.items()
    for ink in inks.split()
]


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize(("front", "back"), PAIRS)
def test_colours_stand_out_enough(scheme: int, front: str, back: str) -> None:
    blocks = Path(assets.ASSETS["tokens.css"].path).read_text(encoding="utf-8").split(":root {")[1:]
    tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    assert contrast(tokens[front], tokens[back]) >= 4.5


def test_no_template_marks_anything_safe() -> None:
    for name in templates.list_templates():
        source = templates.loader.get_source(templates, name)[0]  # type: ignore[union-attr]  # it has a loader
        tree = templates.parse(source)
        assert not [found for found in tree.find_all(nodes.Filter) if found.name in ("safe", "forceescape")], name
        assert not list(tree.find_all(nodes.ScopedEvalContextModifier)), name


def test_routes_answer_get_and_post_and_nothing_else(desk: Desk) -> None:
    found = [route for route in routes(Door(load(), desk.database)) if isinstance(route, Route)]
    assert {method for route in found for method in route.methods or ()} == {"GET", "HEAD", "POST"}
    writing = {route.path for route in found if "POST" in (route.methods or ())}
    hands = {"/portal/doubts/{id}", "/portal/dead/{id}", "/portal/lanes", "/portal/confirm", "/portal/batches", "/portal/events/replay"}
    ways_in = {"/portal/sign-in", "/portal/sign-in/code", "/portal/sign-in/choose", "/portal/join/{token}", "/portal/join/{token}/code"}
    settings = {
        "/portal/settings/keys",
        "/portal/settings/keys/{id}/revoke",
        "/portal/settings/keys/{id}/replace",
        "/portal/settings/team",
        "/portal/settings/team/{id}/end",
        "/portal/settings/team/invites/{id}",
        "/portal/policies/{name}",
        "/portal/standing/{id}/revoke",
        "/portal/reminders/{id}/allow",
        "/portal/reminders/{id}/off",
        "/portal/approvals/{id}/allow",
    }
    stops = {f"{place}/{hand}" for place in ("/a", "/portal/approvals/{id}") for hand in ("stop", "pause", "resume")}
    edits = {f"{place}/{way}" for place in ("/a", "/portal/approvals/{id}") for way in ("edit", "recipients")}
    mine = {"/portal/me/reach", "/portal/me/address", "/portal/me/code", "/portal/me/keep", "/portal/keep/{token}", "/portal/leave"}
    settings |= {"/portal/settings/delegations", "/portal/settings/delegations/{id}/end", "/portal/settings/plan"}
    hooks = {f"/portal/settings/{what}{rest}" for what in ("webhooks", "channels") for rest in ("", "/{id}/{deed}")}
    customers = {f"/portal/customers/{way}" for way in ("import", "export", "{id}/consent", "{id}/erase", "{id}/keep")}
    assert writing == {
        *customers,
        "/a",
        "/a/again",
        *edits,
        *hooks,
        *ways_in,
        "/portal/enter/{token}",
        "/pay/{token}",
        "/portal/approvals/{id}",
        *stops,
        *hands,
        *settings,
        *mine,
    }
