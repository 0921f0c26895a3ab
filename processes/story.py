"""The story of a first say-so, told to any running Sayso through its public doors only: an agent's key, a person's browser, a webhook.

Every step checks what it claims and raises StoryBroken when the system did otherwise, so it is a demonstration and a test.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import anyio
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from kernel.clock import monotonic, now
from processes.cast import Agent, StoryBroken, insist, look, stripe_event, twilio_message

PATIENCE = 15.0
LINK = re.compile(r"https?://\S+/a/[\w-]+")
CODE = re.compile(r"code: (\d{6})")
REMINDER_IN = timedelta(seconds=4)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that reached somebody."""

    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A running system, and the two things the story may know of it beside its address: a key and the approver's mailbox."""

    base_url: str
    api_key: str
    stripe_secret: str
    twilio_token: str
    mailbox: Callable[[], list[Letter]]
    say: Callable[[str], None]
    confirms: bool = True
    """Whether the channels call back, so that a send becomes `delivered`."""


@dataclass
class Told:
    """What the story leaves behind: one final status a send, for the ledger."""

    ledger: list[dict[str, Any]] = field(default_factory=list)


async def tell(scene: Scene) -> Told:
    """Play the whole story. Raises StoryBroken."""
    told = Told()
    headers = {"Authorization": f"Bearer {scene.api_key}"}
    async with httpx2.AsyncClient(headers=headers, timeout=40) as http, Client(streamable_http_client(f"{scene.base_url}/mcp", http_client=http)) as client:
        agent = Agent(client)
        mia = await _meet(scene, agent)
        wanted, refused, dropped = await _ask(scene, agent, mia)
        await _decide(scene, agent, wanted, refused)
        await _cancel(scene, agent, dropped)
        for pending in wanted:
            told.ledger.append(await _follow(scene, agent, pending))
        told.ledger += [await agent.status(refused), await agent.status(dropped)]
        await _paid(scene, agent)
    return told


async def _meet(scene: Scene, agent: Agent) -> dict[str, Any]:
    tools = await agent.tools()
    insist("request_send_approval" in tools, "the agent does not see request_send_approval")
    insist(not [name for name in tools if "approve" in name or "decide" in name], "a tool decides approvals")
    scene.say(f"The agent lists {len(tools)} tools; none of them approves anything.")
    mia = await agent.call("create_account", name="Mia Park", phone="+447400123456", email="mia@example.com")
    scene.say(f"It creates a customer: {mia['name']}. Nothing is sent.")
    await _write_first(scene, agent)
    return mia


async def _write_first(scene: Scene, agent: Agent) -> None:
    """Mia writes by WhatsApp: without that it takes no free words to her."""
    url = f"{scene.base_url}/webhooks/twilio/inbound"
    said = {"MessageSid": f"SM{'1' * 32}", "From": "whatsapp:+447400123456", "To": "whatsapp:+15005550006", "Body": "Is Friday at three still on?"}
    body, headers = twilio_message(scene.twilio_token, url, said)
    async with httpx2.AsyncClient(timeout=10) as http:
        answer = await http.post(url, content=body, headers=headers)
    insist(answer.is_success, f"the customer's message was answered {answer.status_code}")
    await _until(lambda: agent.call("list_conversations"), "the customer's message was not kept", lambda found: found["items"])
    scene.say("Mia asks by WhatsApp whether Friday is still on, so for a day WhatsApp takes an answer in free words.")


async def _ask(scene: Scene, agent: Agent, mia: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
    to = {"accountId": mia["accountId"]}
    asks: list[tuple[str, dict[str, Any]]] = [
        ("send_whatsapp_message", {**to, "body": "Hi Mia, your colour appointment is confirmed for Friday 15:00."}),
        ("send_sms", {**to, "body": "Studio: see you Friday 15:00. Reply STOP to opt out."}),
        ("send_email", {**to, "subject": "Your visit on Friday", "body": "Dear Mia,\n\nwe look forward to seeing you.\n"}),
        ("send_sms", {**to, "body": "Reminder: your appointment is soon.", "sendAt": (now() + REMINDER_IN).isoformat()}),
    ]
    wanted = [await _held(agent, action, payload) for action, payload in asks]
    scene.say("It asks for approval of a WhatsApp, an SMS, an e-mail and a reminder: all four are pending, held, with digest and preview.")
    refused = await agent.call("send_message", channel="sms", **to, body="FLASH SALE!!! 90% off, today only")
    insist(refused["status"] == "pending", "a direct send_message was not held")
    scene.say("It tries send_message directly: it gets a pending approval, not a send.")
    later = (now() + timedelta(hours=1)).isoformat()
    dropped = await _held(agent, "send_sms", {**to, "body": "A reminder that will not be needed.", "sendAt": later})
    return wanted, refused, dropped


async def _held(agent: Agent, action: str, payload: dict[str, Any]) -> dict[str, Any]:
    pending = await agent.call("request_send_approval", actionType=action, payload=payload, summary="The customer booked and asked to be told.")
    insist(pending["status"] == "pending" and pending["digest"] and pending["expiresAt"] and pending["preview"], f"{action} is not pending")
    insist((await agent.status(pending))["status"] == "held", f"{action} is not held")
    return pending


async def _decide(scene: Scene, agent: Agent, wanted: list[dict[str, Any]], refused: dict[str, Any]) -> None:
    letters = await _until(lambda: len(_invitations(scene)) >= len(wanted) + 2 and _invitations(scene), "the approver's notices did not arrive")
    scene.say(f"The approver's notices are in the mailbox, each with a link of its own ({len(letters)}).")
    pages = [await look(link, code) for link, code in letters]
    insist((await agent.status(wanted[0]))["status"] == "held", "opening a link changed something")
    scene.say("Opening the links, even twice, changes nothing.")
    digests = {pending["digest"] for pending in wanted}
    for page in pages:
        if page.digest in digests:
            await page.decide("approved")
        elif page.digest == refused["digest"]:
            await page.decide("rejected", "We never advertise by SMS.")
    said = await agent.status(refused)
    insist(said["status"] == "rejected" and "never advertise" in (said["approval"]["reason"] or ""), "the agent cannot read the rejection")
    scene.say("With the code beside each link a person approves four and rejects the fifth; the agent reads why.")


async def _cancel(scene: Scene, agent: Agent, dropped: dict[str, Any]) -> None:
    await agent.call("cancel_scheduled_send", intentId=dropped["intentIds"][0])
    insist((await agent.status(dropped))["sends"][0]["state"] == "cancelled", "the reminder was not cancelled")
    scene.say("A second reminder is cancelled before anybody decided it.")


async def _follow(scene: Scene, agent: Agent, pending: dict[str, Any]) -> dict[str, Any]:
    goal = {"delivered"} if scene.confirms else {"sent", "delivered"}
    ends = monotonic() + PATIENCE
    status = await agent.status(pending)
    while status["status"] not in goal and monotonic() < ends:
        status = await agent.status(pending, wait=2)
    send = status["sends"][0]
    insist(status["status"] in goal, f"{send['channel']} is {status['status']}: {send.get('reason') or send.get('waitReason')}")
    insist(send["attempts"] == 1 and send["digestSent"] == pending["digest"], f"{send['channel']} was not sent once as approved")
    scene.say(f"{send['channel']} to {send['recipient']}: {send['state']}, one attempt, digest as shown.")
    return status


async def _paid(scene: Scene, agent: Agent) -> None:
    company = (await agent.call("list_my_companies"))["items"][0]["companyId"]
    body, headers = stripe_event(scene.stripe_secret, company)
    async with httpx2.AsyncClient(timeout=10) as http:
        for _ in range(2):
            answer = await http.post(f"{scene.base_url}/webhooks/stripe", content=body, headers=headers)
            insist(answer.is_success, f"the webhook was answered {answer.status_code}")
    payments = await _until(lambda: agent.call("list_payments"), "the payment was not recorded", lambda found: found["items"])
    insist(len(payments["items"]) == 1, "the payment was recorded twice")
    scene.say(f"Stripe's event, posted twice, is one payment: {payments['items'][0]['amount']} {payments['items'][0]['currency']}.")


async def _until(look: Callable[[], Any], otherwise: str, enough: Callable[[Any], Any] = bool) -> Any:
    ends = monotonic() + PATIENCE
    while monotonic() < ends:
        found = look()
        found = await found if hasattr(found, "__await__") else found
        if found and enough(found):
            return found
        await anyio.sleep(0.1)
    raise StoryBroken(otherwise)


def _invitations(scene: Scene) -> list[tuple[str, str]]:
    found = [(LINK.search(letter.body), CODE.search(letter.body)) for letter in scene.mailbox()]
    return [(link.group(), code.group(1)) for link, code in found if link and code]
