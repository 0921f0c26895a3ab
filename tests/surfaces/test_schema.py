"""Schemas on the wire are short, and say no less than a caller must know."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field

from kernel.operation import Answer, Asked
from kernel.schema import _schema
from tests.surfaces.shapes import insist_fits


class Inner(Answer):
    at: datetime | None = None


class Told(Answer):
    code: Annotated[str, Field(pattern="^x")] | None = None
    either: str | int | None = None
    mood: Literal["calm", "glad"] | None = None
    inner: Inner | None = None
    seats: int = 1


class Wanted(Asked):
    seats: int | None = Field(None, ge=1, description="How many.")
    either: str | int | None = None
    choice: Literal["anyOf", "null"] | None = None
    default: int = 3


def test_an_argument_that_may_be_left_out_is_not_also_null() -> None:
    shown = _schema(Wanted, "validation")["properties"]
    assert shown["seats"] == {"minimum": 1, "type": "integer", "description": "How many."}
    assert shown["either"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    assert shown["choice"] == {"enum": ["anyOf", "null"], "type": "string"}
    assert shown["default"] == {"default": 3, "type": "integer"}
    assert Wanted.model_validate({"seats": None}).seats is None


@pytest.mark.parametrize("told", [Told(), Told(code="x1", either=2, mood="glad", inner=Inner(at=datetime.fromisoformat("2026-05-18T08:00:00+00:00")))])
def test_every_answer_fits_the_shorter_schema(told: Told) -> None:
    shown = _schema(Told, "serialization")
    insist_fits(told.model_dump(by_alias=True, mode="json"), shown)
    assert shown["properties"]["code"] == {"type": ["string", "null"]}


@pytest.mark.parametrize("wrong", [{"code": 1}, {"mood": "sad"}, {"seats": "many"}, {"inner": {"at": 5}}, {"either": []}])
def test_the_shorter_schema_still_refuses_what_is_no_answer(wrong: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=r"is not|valid"):
        insist_fits(wrong, _schema(Told, "serialization"))
