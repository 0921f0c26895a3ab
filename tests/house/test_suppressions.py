"""A checker is silenced rarely, by its code, and with a reason in words."""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Iterator

from tests.house.tree import Fault, Source, caught, everywhere, hold

LINES_EACH = 1000
"""One suppression in so many lines at most, over everything that is ours."""
SILENCES = re.compile(r"#\s*(noqa|type:\s*ignore|ruff:\s*noqa|mypy:|pragma:|fmt:\s*(off|skip)|pylint:)", re.IGNORECASE)
REASONED = re.compile(r"#\s*(noqa: [A-Z]+\d+(, ?[A-Z]+\d+)*|type: ignore\[[a-z-]+(, ?[a-z-]+)*\])\s+(-|#)( \S+){2,}")


def suppressions(source: Source) -> Iterator[tuple[int, str]]:
    """Every comment that silences a checker; text inside strings is none."""
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT and SILENCES.search(token.string):
            yield token.start[0], token.string


def unreasoned(source: Source) -> Iterator[Fault]:
    """Suppressions without a code or without a reason."""
    for line, comment in suppressions(source):
        if not REASONED.match(comment):
            yield line, f"says “{comment}”: name the code and the reason, as in `noqa: X123 - why it must be`"


def test_every_suppression_has_a_code_and_a_reason() -> None:
    hold(unreasoned, everywhere())


def test_suppressions_are_rare() -> None:
    lines = sum(len(source.text.splitlines()) for source in everywhere())
    found = [f"{source.path}:{line} {comment}" for source in everywhere() for line, comment in suppressions(source)]
    sys.stdout.write(f"{len(found)} suppressions in {lines} lines, {1000 * len(found) / lines:.2f} per 1,000\n")
    assert len(found) * LINES_EACH <= lines, "too many suppressions: let the code satisfy its checker\n" + "\n".join(found)


def test_unreasoned_catches_each_way() -> None:
    assert caught(unreasoned, "x = 1  # noqa")
    assert caught(unreasoned, "x = 1  # noqa: S101")
    assert caught(unreasoned, "x = 1  # type: ignore")
    assert caught(unreasoned, "x = 1  # type: ignore[misc]")
    assert caught(unreasoned, "x = 1  # pragma: no cover")


def test_unreasoned_lets_reasons_pass() -> None:
    assert not caught(unreasoned, "x = 1  # noqa: S101 - `a test` speaks so")
    assert not caught(unreasoned, "x = 1  # type: ignore[misc]  # SDK's: ships no types")
    assert not caught(unreasoned, "x = '# noqa'")
