"""Reading a text with suspicion: the hosts its links really lead to, and what in it an approver would overlook."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

LINK = re.compile(r"https?:[/\\]*[^\s<>\"']+|(?<![\w@./-])(?:www\.[^\s<>\"']+|(?:[\w-]+\.)+[a-z]{2,}/[^\s<>\"']*)", re.IGNORECASE)
"""What a phone turns into a link: with a scheme, with www, or a host with a path."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that are drawn as nothing; Unicode does not call them format characters."""
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories that leave no mark on the page."""
EMOJI = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f|(?<=[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f])\u200d(?=[\U0001f000-\U0001faff\u2600-\u27bf])")
"""Flags made of tags, and the joiner inside one emoji: hidden characters that hide nothing."""
LONG = 1000


def hosts_in(text: str) -> list[str]:
    """The hosts of the links in the text, in order, once each, as the network would resolve them."""
    return list(dict.fromkeys(host for link in LINK.findall(text) if (host := _host(link))))


def _host(link: str) -> str:
    try:
        return (urlsplit(_as_browsers_read(link)).hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        return "an unreadable host"


def _as_browsers_read(link: str) -> str:
    """A backslash is a slash to a browser, and any number of them may follow the scheme (WHATWG URL standard)."""
    scheme, colon, rest = link.replace("\\", "/").partition(":")
    if colon and scheme.lower() in ("http", "https"):
        return f"{scheme}://{rest.lstrip('/')}"
    return f"http://{link}"


def _is_evasive(link: str) -> bool:
    host = _as_browsers_read(link).split("/")[2]
    return "\\" in link or "@" in host


def warnings_about(text: str) -> list[str]:
    """Sentences for the approver; empty when nothing is unusual."""
    hidden = {char for char in EMOJI.sub("", text) if _is_hidden(char)}
    found = {
        "It holds characters that reverse the reading direction; what you read may differ from what is sent.": bool(hidden & BIDI),
        "It holds invisible characters.": bool(hidden - BIDI),
        "A link uses a look-alike or international host name; check it letter by letter.": any("xn--" in host for host in hosts_in(text)),
        "A link is written so that it hides where it leads; trust only the host shown here.": any(map(_is_evasive, LINK.findall(text))),
        f"It is longer than {LONG} characters; read to the end.": len(text) > LONG,
    }
    return [sentence for sentence, present in found.items() if present]


def visible(text: str) -> str:
    """The text with hidden characters spelled out as ⟦U+202E⟧, so that a page shows what is there."""
    whole = {place for emoji in EMOJI.finditer(text) for place in range(*emoji.span())}
    return "".join(f"⟦U+{ord(char):04X}⟧" if _is_hidden(char) and place not in whole else char for place, char in enumerate(text))


def _is_hidden(char: str) -> bool:
    return char in BLANKS or (unicodedata.category(char) in UNSEEN and char not in "\n\r\t")
