"""Gaps in words, like `{{first_name}}`: no logic, one pass, and none that nothing fills; pure but for the filling, which the database does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from kernel.db import raw
from kernel.errors import InvalidArguments

GAP = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
BRACES = re.compile(r"\{\{|\}\}")
ABOUT_A_CUSTOMER = frozenset({"customer_name", "first_name", "business"})
ABOUT_A_BOOKING = ABOUT_A_CUSTOMER | {"service", "staff", "date", "time"}
"""What Sayso fills by itself, of a customer and of a booking."""
FILL = "SELECT filled(%s, %s)"
FILL_MANY = """
SELECT (SELECT jsonb_object_agg(w.key, filled(w.value, o.given)) FROM jsonb_each_text(%s) w) AS words, is_plain(o.given) AS is_plain
FROM unnest(%s::jsonb[]) WITH ORDINALITY o (given, place) ORDER BY o.place
"""


class UnknownVariable(InvalidArguments):
    """A gap that nothing fills, or a value for which there is no gap."""

    code = "unknown_variable"


def gaps_in(*texts: str | None) -> frozenset[str]:
    """The names of the gaps. Raises InvalidArguments for braces that are no gap."""
    said = [text for text in texts if text]
    if any(BRACES.search(GAP.sub("", text)) for text in said):
        msg = "Braces stand only around a variable in small letters, like {{first_name}}."
        raise InvalidArguments(msg)
    return frozenset(name for text in said for name in GAP.findall(text))


def check_known(gaps: frozenset[str], known: frozenset[str]) -> None:
    """Raises UnknownVariable for a gap outside of what is known."""
    if unknown := sorted(gaps - known):
        msg = f"Nothing fills {_listed(unknown)}."
        raise UnknownVariable(msg, next_step=f"Use only {_listed(sorted(known))}.")


def check_given(gaps: frozenset[str], given: Mapping[str, str]) -> None:
    """Raises UnknownVariable unless each gap is given a value, and each value has a gap."""
    if missing := sorted(gaps - set(given)):
        msg = f"A value is missing for {_listed(missing)}."
        raise UnknownVariable(msg, next_step="Give each of them in `variables`.")
    if surplus := sorted(set(given) - gaps):
        msg = f"This template has no {_listed(surplus)}."
        raise UnknownVariable(msg, next_step="Leave them out of `variables`.")


def fill(session: Session, words: str, given: Mapping[str, str]) -> str:
    """The words with their gaps filled; what a value says is not looked at again."""
    return raw(session).cursor(row_factory=scalar_row).execute(FILL, (words, Jsonb(dict(given)))).fetchone() or ""


def fill_many(session: Session, words: Mapping[str, str], given: Sequence[Mapping[str, str]]) -> list[tuple[dict[str, str], bool]]:
    """The words for each of many, and whether what fills their gaps is no more than a name."""
    values = [Jsonb(dict(one)) for one in given]
    rows = raw(session).cursor(row_factory=dict_row).execute(FILL_MANY, (Jsonb(dict(words)), values)).fetchall()
    return [(row["words"], row["is_plain"]) for row in rows]


def _listed(names: list[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)
