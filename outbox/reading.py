"""Reading a text with suspicion: what in it an approver would overlook, and where its links really lead."""

from __future__ import annotations

import re
import unicodedata

from outbox.links import UNREADABLE, Link, links_in

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANKS = frozenset("\u2800")
"""Symbols that are drawn as nothing; Unicode does not call them ignorable."""
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that leave no mark on the page."""
IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode: variation selectors, tags, fillers, joiners; all are drawn as nothing."""
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
    return list(dict.fromkeys(link.target for link in links_in(text) + _behind_what_is_hidden(text)))


def _behind_what_is_hidden(text: str) -> list[Link]:
    """The links of the text as it looks, for a phone or a reader may take it so."""
    seen = "".join(char for char in text if not _is_hidden(char))
    return links_in(seen) if seen != text else []


def warnings_about(text: str) -> list[str]:
    """Sentences for the approver; empty when nothing is unusual."""
    hidden = {char for char in EMOJI.sub("", text) if _is_hidden(char)}
    links = links_in(text) + _behind_what_is_hidden(text)
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
    return "".join(f"⟦U+{ord(char):04X}⟧" if _is_hidden(char) and place not in whole else char for place, char in enumerate(text))


def _is_hidden(char: str) -> bool:
    return char in BLANKS or bool(IGNORABLE.match(char)) or (unicodedata.category(char) in UNSEEN and char not in "\n\r\t")
