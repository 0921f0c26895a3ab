"""Turns whatever went wrong into a refusal that a caller may see; what is ours to mend is logged under a reference."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors as pg
from pydantic_core import to_jsonable_python
from sqlalchemy import exc as sa

from kernel.db import ENDED
from kernel.errors import Conflict, InvalidArguments, NotFound, SaysoError, Unavailable
from kernel.keys import new_reference

log = logging.getLogger("sayso.surfaces")
GONE = (psycopg.OperationalError, psycopg.InterfaceError, sa.OperationalError, sa.InterfaceError, sa.TimeoutError, *ENDED)
UNFIT = (psycopg.DataError, pg.CheckViolation, sa.DataError)
CLASH = (pg.UniqueViolation, pg.ExclusionViolation, pg.ForeignKeyViolation)


class Unexpected(SaysoError):
    """Unexpected error."""

    code = "internal"
    status = 500
    next_step = "Try once more; if it repeats, report the reference to the operator."


class NotJson(SaysoError):
    """The body is not JSON that this server reads."""

    code = "not_json"
    status = 400
    next_step = "Send one JSON object, UTF-8, nested no deeper than a few levels."


class WrongMediaType(SaysoError):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"
    status = 415
    next_step = "Send 'Content-Type: application/json'."


class UnknownOperation(NotFound):
    """There is no such operation."""

    code = "unknown_operation"
    next_step = "List the operations: GET /openapi.json, or tools/list at /mcp."


class UnknownPath(NotFound):
    """There is nothing at this address."""

    code = "unknown_path"
    next_step = "See /docs for every address."


class MethodRefused(SaysoError):
    """The address does not take that method."""

    code = "method_not_allowed"
    status = 405
    next_step = "Use a method that the Allow header names."


def explained(error: Exception) -> SaysoError:
    """The refusal that stands for this error: itself, the database's word in ours, or an opaque reference."""
    if isinstance(error, SaysoError):
        return error
    return _of_database(error) or unexpected(error)


def unexpected(error: Exception) -> Unexpected:
    """Log the error under a new reference, and answer with the reference only."""
    reference = new_reference()
    log.error("unexpected error, reference %s", reference, exc_info=error)
    return Unexpected(f"Unexpected error, reference {reference}.", reference=reference)


def as_data(refused: SaysoError) -> dict[str, Any]:
    """The refusal as JSON values, whatever an operation put into its details."""
    body: dict[str, Any] = to_jsonable_python(refused.body(), fallback=str)
    return body


@contextmanager
def told() -> Iterator[None]:
    """Let nothing but a SaysoError out."""
    try:
        yield
    except Exception as error:
        raise explained(error) from error


def _of_database(error: Exception) -> SaysoError | None:
    cause = error.orig if isinstance(error, sa.DBAPIError) and error.orig else error
    if isinstance(error, GONE) or isinstance(cause, GONE):
        log.warning("the database did not answer: %s", type(cause).__name__)
        return Unavailable()
    if isinstance(error, UNFIT) or isinstance(cause, UNFIT):
        return InvalidArguments("A value lies outside what can be stored (a number too large, a character that no text may hold).")
    if isinstance(cause, CLASH):
        return Conflict("This clashes with something that exists, or names something that does not.")
    return None
