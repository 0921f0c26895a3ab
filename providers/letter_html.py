"""The HTML of a letter: the very words of its text, escaped, with its web addresses to be clicked; nothing is loaded from anywhere.

How it is made has a name, which is frozen with the text: what was approved under a name leaves as that name makes it, for ever.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html import escape

ADDRESS = re.compile(r"https?://[^\s<>\"'`{}|\\^\x00-\x20]+")
TRAILING = ".,;:!?)]*_"
"""What at the end of an address belongs to the sentence around it."""
PAGE = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"></head><body dir="auto">\n{}\n</body></html>\n'


def plain_1(text: str) -> str:
    """The same words for whoever reads letters as HTML; an address leads exactly where it says. Never to be changed: another form takes another name."""
    pieces, end = [], 0
    for found in ADDRESS.finditer(text):
        address = found[0].rstrip(TRAILING)
        pieces += [escape(text[end : found.start()]), f'<a href="{escape(address)}" rel="noreferrer">{escape(address)}</a>']
        end = found.start() + len(address)
    whole = "".join([*pieces, escape(text[end:])])
    return PAGE.format("<br>\n".join(whole.splitlines()))


FORMS: Mapping[str, Callable[[str], str]] = {"plain-1": plain_1}
"""Every form that a letter was ever frozen with; each stays as it is."""
