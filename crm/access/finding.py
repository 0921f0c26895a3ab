"""Finds tools by words: each word counts by how rare it is and where it stands, and words that mean the same count as one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from math import log

from kernel.operation import REGISTRY, Operation
from kernel.schema import of_arguments

WORD = re.compile(r"[^\W_]+")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
LONGEST = 40
"""Words of a question; nobody needs more to say what they want."""
SHORTEST = 3
"""Letters that a stem keeps."""
EMPTY = frozenset(
    """a an and any are as at be by can could do does for from get give has have how i if in into is it its let me my of on one or our please
    say see show so some than that the their them then there they this to us use want was we were what when where will with would you your
    """.split(),  # noqa: SIM905 - forty words are easier read as words
)
SAME = (
    "customer customers client clients guest guests member members account accounts contact contacts person patron",
    "booking bookings booked appointment appointments reservation reservations visit visits",
    "book reserve arrange haircut cut massage",
    "slot slots free available availability opening openings vacancy",
    "cancel call-off abort",
    "delete erase forget destroy",
    "planned later scheduled",
    "reschedule move postpone shift",
    "message messages msg write notify tell",
    "sms text texts",
    "email mail e-mail newsletter",
    "staff employee employees stylist therapist colleague worker works",
    "service services treatment treatments offer offers",
    "price prices cost costs charge",
    "approve approval approvals permission consent-to-send",
    "invoice invoices bill bills",
    "payment payments paid pay money",
    "revenue takings turnover income earnings",
    "find search look lookup filter",
    "create add new make",
    "update change edit modify set",
    "list all overview which who",
    "schedule hours opening-hours roster timetable holiday holidays",
    "campaign campaigns blast bulk mass everybody everyone marketing",
    "reminder reminders remind",
    "plan plans subscription quota quotas limit limits pricing",
    "key keys token credential",
    "noshow no-show missed absent",
    "stats statistics figures numbers kpi dashboard report",
    "status state progress delivered happened",
    "issue bug problem feedback complain broken",
    "points loyalty rewards",
    "stop pause halt hold suspend",
    "whatsapp wa waba",
    "tag tags label labels segment",
)
"""Words that mean the same here; what is asked for is rarely what a tool is called."""
NAME, ALIAS, SUMMARY, ARGUMENT, WORDS = 6.0, 5.0, 3.0, 2.0, 1.0
PHRASES = (
    (re.compile(r"\bbook (?=an?\b|in\b|me\b|for\b|the\b)"), "create booking "),
    (re.compile(r"\b(can|may) (i|we)\b( still)?|\bam i allowed\b"), "check plan operation"),
    (re.compile(r"\bdid(n't| not) (show|come|turn)( up)?\b|\bno.show\b"), "mark noshow"),
    (re.compile(r"\btake back\b"), "withdraw"),
    (re.compile(r"\bcall off\b"), "cancel"),
    (re.compile(r"\bgive back\b"), "refund"),
)
"""Several words that mean something else than each of them."""
UNASKED = 0.5
"""How much a tool loses whose name says what nobody asked for."""
MEANT, NEARLY = 0.7, 0.5
"""What a word counts that only means the same, or is only spelled alike."""


def stem(word: str) -> str:
    """The word without its ending, as far as English can be told without a dictionary."""
    for ending in ("ings", "ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST:
            return word.removesuffix(ending) + ("y" if ending == "ies" else "")
    return word.removesuffix("e") if len(word) > SHORTEST + 1 else word


def words_of(text: str) -> list[str]:
    """The words that carry meaning, as stems."""
    return [stem(word) for word in WORD.findall(CAMEL.sub(" ", text).lower().replace("no_show", "noshow")) if word not in EMPTY]


MEANINGS: dict[str, frozenset[str]] = {}
for _group in SAME:
    _stems = frozenset(stem(word) for word in _group.split())
    MEANINGS.update({word: MEANINGS.get(word, frozenset()) | _stems for word in _stems})


@dataclass(frozen=True)
class Index:
    """What each tool is known by: stems and what each counts there."""

    known: dict[str, dict[str, float]]
    rarity: dict[str, float]

    def score(self, name: str, wanted: list[str]) -> float:
        """How well a tool answers to the words."""
        here = self.known[name]
        answered = sum(max((here.get(word, 0.0) * share * self.rarity.get(word, 0.0) for word, share in self._meant(asked)), default=0.0) for asked in wanted)
        meant = {word for asked in wanted for word, _ in self._meant(asked)}
        own = words_of(name)
        return answered * (1 - UNASKED + UNASKED * sum(word in meant for word in own) / len(own))

    def _meant(self, asked: str) -> list[tuple[str, float]]:
        same = [(word, MEANT) for word in sorted(MEANINGS.get(asked, frozenset()) - {asked})]
        if asked in self.rarity or same:
            return [(asked, 1.0), *same]
        return [(word, NEARLY) for word in get_close_matches(asked, sorted(self.rarity), n=2, cutoff=0.8)]


@lru_cache(maxsize=2)
def index_of(names: tuple[str, ...]) -> Index:
    """The index over these tools; built once, for the tools of a process do not change."""
    known = {name: _known(REGISTRY[name]) for name in names}
    stems = {word for words in known.values() for word in words}
    return Index(known, {word: log(1 + len(known) / sum(word in words for words in known.values())) for word in stems})


def found(query: str, names: Iterable[str], most: int) -> list[Operation]:
    """The tools that answer best to the words, best first; none when no word is known."""
    asked = query.lower()
    for phrase, meant in PHRASES:
        asked = phrase.sub(meant, asked)
    wanted = list(dict.fromkeys(words_of(asked)))[:LONGEST]
    index = index_of(tuple(sorted(names)))
    scored = {name: index.score(name, wanted) for name in index.known}
    return [REGISTRY[name] for name in sorted(scored, key=lambda name: (-scored[name], name)) if scored[name] > 0][:most]


def _known(operation: Operation) -> dict[str, float]:
    weighed = [(operation.name, NAME), *((alias, ALIAS) for alias in operation.aliases), (operation.summary, SUMMARY), (operation.scope, ARGUMENT)]
    for name, argument in of_arguments(operation)["properties"].items():
        weighed += [(name, ARGUMENT), (argument.get("description", ""), WORDS)]
    here: dict[str, float] = {}
    for text, weight in weighed:
        for word in words_of(text):
            here[word] = max(here.get(word, 0.0), weight)
    return here
