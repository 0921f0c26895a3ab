"""Each mutant of `./dev mutants` still changes one place that is there, and names tests that are there."""

from __future__ import annotations

import pytest

from tests.house.tree import ROOT, refuse
from tests.mutants.__main__ import LISTS
from tests.mutants.mutant import Mutant

EVERY = [mutant for mutants in LISTS.values() for mutant in mutants]


def test_every_mutant_changes_one_place_and_names_tests() -> None:
    for mutant in EVERY:
        assert mutant.born_in(ROOT) != (ROOT / mutant.file).read_text()
    refuse(f"{mutant.name}: there is no {test}" for mutant in EVERY for test in mutant.tests if not (ROOT / test.partition("::")[0]).exists())


def test_a_mutant_of_what_is_no_longer_there_is_refused() -> None:
    with pytest.raises(ValueError, match="0 times"):
        Mutant("gone", "dev", "what nobody wrote", "", ()).born_in(ROOT)
