"""Lists of customers as CSV: reading one that a spreadsheet saved, line by line with what is wrong, and writing one that no spreadsheet obeys."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import phonenumbers
from pydantic import Field, field_validator

from crm.contacts.shapes import LONGEST_NAME, LONGEST_NOTES, MOST_TAGS, Tag
from kernel.arguments import fitted
from kernel.errors import InvalidArguments
from kernel.operation import Asked
from outbox.content import Address, OneLine, Phone, Readable

MOST_ROWS = 10_000
COLUMNS = ("name", "first_name", "last_name", "email", "phone", "notes", "tags", "consent_whatsapp", "consent_sms", "consent_email", "consent_evidence")
ALSO = {"mail": "email", "emailaddress": "email", "mobile": "phone", "telephone": "phone", "tel": "phone", "note": "notes", "tag": "tags"}
"""Other names of columns, as spreadsheets have them."""
ALSO |= {column.replace("_", ""): column for column in COLUMNS} | {"evidence": "consent_evidence", "fullname": "name"}
SAID = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False, "": None}
OBEYED = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula."""
SEPARATORS = (",", ";", "\t")
NOTHING = re.compile("[\0\ud800-\udfff]")


class SheetUnreadable(InvalidArguments):
    """This is no list of customers."""

    code = "sheet_unreadable"
    next_step = f"Give CSV with a line of headers, at least name and email or phone, and at most {MOST_ROWS:,} lines."


class Told(Asked):
    """What one line says of a customer."""

    name: OneLine = Field(min_length=1, max_length=LONGEST_NAME)
    first_name: OneLine | None = Field(None, max_length=80)
    last_name: OneLine | None = Field(None, max_length=80)
    email: Address | None = None
    phone: Phone | None = None
    notes: Readable | None = Field(None, max_length=LONGEST_NOTES)
    tags: list[Tag] = Field([], max_length=MOST_TAGS)
    consent_whatsapp: bool | None = None
    consent_sms: bool | None = None
    consent_email: bool | None = None
    consent_evidence: Readable | None = Field(None, max_length=500)

    @field_validator("consent_whatsapp", "consent_sms", "consent_email", mode="before")
    @classmethod
    def _said(cls, word: object) -> object:
        if isinstance(word, str) and word.strip().lower() not in SAID:
            msg = "should be yes, no or empty"
            raise ValueError(msg)
        return SAID[word.strip().lower()] if isinstance(word, str) else word


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that cannot be taken, and why."""

    line: int
    says: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a list says: its good lines by their number, its faults, and the columns that nobody knows."""

    lines: Mapping[int, Told]
    faults: Sequence[Fault]
    ignored: Sequence[str]


@dataclass(slots=True)
class _Seen:
    """Which addresses earlier lines had."""

    lines: dict[str, int] = field(default_factory=dict)

    def check(self, line: int, told: Told) -> None:
        """Raises InvalidArguments for a customer whom an earlier line has."""
        addresses = [address.lower() for address in (told.email, told.phone) if address]
        for address in addresses:
            if address in self.lines:
                raise InvalidArguments(f"the same address as line {self.lines[address]}")
        self.lines.update(dict.fromkeys(addresses, line))


def read(text: str, country: str | None) -> Sheet:
    """Read a list; a number without a country's prefix is taken for one of the business's own country. Raises SheetUnreadable."""
    rows = _rows(_cleaned(text))
    headers, ignored = _headers(next(rows, (0, []))[1])
    lines: dict[int, Told] = {}
    faults: list[Fault] = []
    seen = _Seen()
    for count, (line, cells) in enumerate(rows):
        if count >= MOST_ROWS:
            raise SheetUnreadable(f"This list has more than {MOST_ROWS:,} lines.", next_step="Split it.")
        try:
            told = _told(dict(zip(headers, cells, strict=False)), country)
            seen.check(line, told)
            lines[line] = told
        except InvalidArguments as wrong:
            faults.append(Fault(line, wrong.sentence))
    return Sheet(lines, faults, ignored)


def _cleaned(text: str) -> str:
    if NOTHING.search(text):
        raise SheetUnreadable("This is no text: it holds characters that no spreadsheet writes.")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the number of its first line."""
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=head.count), strict=True)
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield before + 1, cells
            before = reader.line_num
    except csv.Error:
        raise SheetUnreadable(f"Line {before + 1} cannot be read: a quotation mark is missing, or a field is too long.") from None


def _headers(cells: Sequence[str]) -> tuple[list[str], list[str]]:
    named = [ALSO.get(re.sub(r"[^a-z]", "", cell.lower()), "") for cell in cells]
    known = [name for name in named if name]
    if len(set(known)) < len(known) or not {"email", "phone"} & set(known) or not {"name", "first_name", "last_name"} & set(known):
        raise SheetUnreadable
    return named, [cell.strip()[:40] for cell, name in zip(cells, named, strict=True) if not name]


def _told(cells: Mapping[str, str], country: str | None) -> Told:
    said = {name: _plain(cell) for name, cell in cells.items() if name and cell.strip()}
    said.setdefault("name", " ".join(filter(None, (said.get("first_name"), said.get("last_name")))))
    given: dict[str, object] = dict(said)
    given["tags"] = [tag for tag in re.split("[,;]", said.get("tags", "")) if tag.strip()]
    if "phone" in said:
        given["phone"] = _abroad(said["phone"], country)
    told = fitted(Told, given)
    if told.email is None and told.phone is None:
        raise InvalidArguments("needs an email or a phone, else the same customer would be made again each time")
    if any((told.consent_whatsapp, told.consent_sms, told.consent_email)) and not told.consent_evidence:
        raise InvalidArguments("a yes needs consent_evidence: when, where and in which words they agreed")
    return told


def _abroad(number: str, country: str | None) -> str:
    """The number with its country's prefix, where it can be told."""
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return number
    return number if parsed.extension else phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _plain(cell: str) -> str:
    """The cell without the mark that `safe` puts before what a spreadsheet would obey."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in OBEYED else cell


def safe(cell: str) -> str:
    """The cell as no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(OBEYED) else cell


def write(rows: Iterable[Mapping[str, str]]) -> str:
    """A list that `read` reads, with a mark at its beginning by which spreadsheets know the encoding."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([safe(row.get(column, "")) for column in COLUMNS] for row in rows)
    return f"\ufeff{text.getvalue()}"
