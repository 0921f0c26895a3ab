"""Tests of the frozen form: its bytes are RFC 8785 for everything that a kind may hold."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from outbox.content import KINDS
from outbox.kinds.sms import Sms
from outbox.snapshot import WRITE, Snapshot

PLAIN = {"string", "boolean", "null"}
LARGEST = 2**53 - 1
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def unusual(schema: dict[str, Any]) -> list[str]:
    """The fields that are not simply texts, truths or bounded whole numbers: their canonical form would need more than the encoder of `snapshot`."""
    return [name for name, field in schema["properties"].items() if not all(is_plain(kept) for kept in field.get("anyOf", [field]))]


def is_plain(kept: dict[str, Any]) -> bool:
    """RFC 8785 writes whole numbers as they are, up to what a double holds exactly."""
    return kept.get("type") in PLAIN or (kept.get("type") == "integer" and abs(kept.get("maximum", LARGEST + 1)) <= LARGEST)


@given(st.recursive(ANY_TEXT | st.booleans() | st.none() | st.integers(-(2**53) + 1, 2**53 - 1), st.lists))
def test_what_is_written_is_rfc_8785(value: Any) -> None:
    held = {"v": 1, "content": {"to": value, "body": value}, "Zone": None, "_": value}
    assert WRITE(held).encode() == rfc8785.dumps(held)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_holds_only_what_is_written_so(kind: str) -> None:
    assert not unusual(KINDS[kind].model_json_schema())


def test_a_kind_that_holds_an_amount_is_caught() -> None:
    held = {"to": {"type": "string"}, "rate": {"type": "number"}, "tags": {"type": "object"}, "cents": {"type": "integer", "maximum": 10**11}}
    assert unusual({"properties": {**held, "any": {"type": "integer"}}}) == ["rate", "tags", "any"]


def test_a_lone_surrogate_is_refused() -> None:
    body = Sms.model_construct(to="+447400123456", body="\ud800")
    with pytest.raises(ValueError, match="surrogates not allowed"):
        Snapshot(UUID(int=1), "+15005550006", body).canonical()
