"""Scrutiny of a text: what in it an approver would overlook, and where its links really lead."""

from __future__ import annotations

import re
from functools import lru_cache

from outbox.links import UNREADABLE, Link, links_in

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point of Unicode: variation selectors, tags, fillers, joiners; all are drawn as nothing."""
UNSEEN = (
    "\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u2028\u2029\u2800\ud800-\uf8ff\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U000f0000-\U0010ffff"
)
"""The rest of Unicode's categories Cc, Cf, Co, Cs, Zl and Zp, without tab and line ends; and the blank of Braille."""
HIDDEN = re.compile(f"[{IGNORABLE}{UNSEEN}]")
PICTURES = (
    "\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
FLAGS = "|".join("".join(chr(0xE0000 + ord(char)) for char in f"{region}\x7f") for region in ("gbeng", "gbsct", "gbwls"))
EMOJI = re.compile(f"\U0001f3f4(?:{FLAGS})|(?<=[{PICTURES}])[\ufe0e\ufe0f]|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=[{PICTURES}\ufe0f])\u200d(?=[{PICTURES}])")
"""The hidden parts of emoji, which hide nothing: the three flags made of tags, one picture selector, the joiner between two."""
LONG = 1000
EVERYDAY = ("tel:", "mailto:")


def hosts_in(text: str) -> list[str]:
    """Where the links in the text lead, in order, once each: hosts as the network is asked for them, other schemes by name."""
    return list(dict.fromkeys(link.target for link in _links(text)))


@lru_cache(4)
def _links(text: str) -> list[Link]:
    """The links of the text as it is, and of the text as it looks: a phone or a reader may take it so."""
    seen = HIDDEN.sub("", text)
    return links_in(text) + (links_in(seen) if seen != text else [])


def warnings_about(text: str) -> list[str]:
    """Sentences for the approver; empty when nothing is unusual."""
    hidden = set(HIDDEN.findall(EMOJI.sub("", text)))
    links = _links(text)
    found = {
        "Hidden marks in it reverse the reading direction, so what you read may not be what the customer reads. They are shown as ⟦…⟧.": bool(hidden & BIDI),
        "It holds characters that nobody can see; an ordinary message has none. They are shown as ⟦…⟧.": bool(hidden - BIDI),
        "A web address in it has letters of another alphabet, which can imitate a name you know. Compare it letter by letter.": any(
            link.is_foreign for link in links
        ),
        "A link is written so that it hides where it leads. Believe only the address that is listed for it.": any(link.is_veiled for link in links),
        "A link leads to a number instead of a name, which honest businesses hardly ever do.": any(link.is_number for link in links),
        "A link goes to an unusual entrance of a website, the number after its colon.": any(link.has_port for link in links),
        "A web address in it cannot be read; nobody knows where it leads.": any(link.target == UNREADABLE for link in links),
        "A link opens something else than a web page, such as a payment or an app.": any(
            not link.is_web and not link.target.startswith(EVERYDAY) for link in links
        ),
        f"It is longer than {LONG} characters; read to the end.": len(text) > LONG,
    }
    return [sentence for sentence, present in found.items() if present]


def visible(text: str) -> str:
    """The text with hidden characters spelled out as ⟦U+202E⟧, so that a page shows what is there."""
    whole = {place for emoji in EMOJI.finditer(text) for place in range(*emoji.span())}
    return HIDDEN.sub(lambda hidden: hidden[0] if hidden.start() in whole else f"⟦U+{ord(hidden[0]):04X}⟧", text)
