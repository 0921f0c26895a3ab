"""The sandbox's letters as a person reads them in a terminal."""

from __future__ import annotations

from providers.sandbox import SandboxMessage

RULE = "─" * 72


def shown(message: SandboxMessage) -> str:
    """One letter: from whom, to whom, when, and its text."""
    head = f"{message.moment:%Y-%m-%d %H:%M:%S} UTC  {message.channel}  {message.sender} → {message.recipient}"
    subject = [f"Subject: {message.subject}"] if message.subject else []
    return "\n".join([RULE, head, *subject, "", message.body, "", f"({message.note})"])
