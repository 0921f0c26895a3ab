"""Reading a text with suspicion: the hosts its links really lead to, and what in it an approver would overlook."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

URL = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ZERO_WIDTH = frozenset("\u00ad\u180e\u200b\u200c\u200d\u2060\ufeff")
LONG = 1000


def hosts_in(text: str) -> list[str]:
    """The hosts of the links in the text, in order, once each, as the network would resolve them."""
    return list(dict.fromkeys(host for link in URL.findall(text) if (host := _host(link))))


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        return "an unreadable host"


def warnings_about(text: str) -> list[str]:
    """Sentences for the approver; empty when nothing is unusual."""
    found = {
        "It holds characters that reverse the reading direction; what you read may differ from what is sent.": not BIDI.isdisjoint(text),
        "It holds invisible characters.": any(char in ZERO_WIDTH for char in _without_emoji_joins(text)),
        "A link uses a look-alike or international host name; check it letter by letter.": any("xn--" in h for h in hosts_in(text)),
        f"It is longer than {LONG} characters; read to the end.": len(text) > LONG,
    }
    return [sentence for sentence, present in found.items() if present]


def _without_emoji_joins(text: str) -> str:
    """Drop the zero-width joiner where it only glues an emoji together."""
    return re.sub(r"(?<=[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F])\u200d(?=[\U0001F000-\U0001FAFF\u2600-\u27BF])", "", text)


def visible(text: str) -> str:
    """The text with hidden characters spelled out as ⟦U+202E⟧, so that a page shows what is there."""
    return "".join(f"⟦U+{ord(char):04X}⟧" if _is_hidden(char) else char for char in text)


def _is_hidden(char: str) -> bool:
    return char in BIDI or char in ZERO_WIDTH or (unicodedata.category(char) == "Cc" and char not in "\n\r\t")
