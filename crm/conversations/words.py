"""The words that stop, start and explain messages (twilio.com/docs/messaging/tutorials/advanced-opt-out); pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Word = Literal["stop", "start", "help"]
STOP = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout", "stopsms", "arret", "arrêt"})
START = frozenset({"start", "unstop", "yes"})
HELP = frozenset({"help", "info"})
ASIDE = " \t\r\n.!\"'\u2019\u201c\u201d"
"""Blanks, full stops and quotation marks around it."""
NO_LETTERS = re.compile(r"[\W_]+")


def word_in(body: str) -> Word | None:
    """What the whole message asks for, in whatever case and however it is wrapped; None for anything longer.

    More than the carriers' own rule is taken as a stop ("(stop)", "opt-out", "*STOP* 🛑"): nobody is written to against their wish for a full stop.
    """
    said = unicodedata.normalize("NFKC", body).strip(ASIDE).casefold()
    if NO_LETTERS.sub("", said) in STOP:
        return "stop"
    return "start" if said in START else "help" if said in HELP else None
