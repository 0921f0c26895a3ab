"""Mutants: each defence of the gate, the claim, signatures and tenancy is taken out of a scratch copy, and a few named tests must notice.

./dev mutants             all of them; prints the score, ends with 1 when one survives that is not spared with a reason
./dev mutants WORD …      only those whose name, or whose list's, has one of the words in it
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from kernel import clock
from tests.house.tree import ROOT, files
from tests.mutants import claim, gate, signature, tenancy
from tests.mutants.mutant import Mutant

LISTS = {"gate": gate.MUTANTS, "claim": claim.MUTANTS, "signature": signature.MUTANTS, "tenancy": tenancy.MUTANTS}
HANDS = 2
LONGEST = 600
TOLD = "told.txt"
FOUND, SPARED, SURVIVED, UNBORN = "found", "spared", "SURVIVED", "UNBORN"
"""Unborn: its tests could not even begin, which shows nothing."""


def copied(into: Path) -> Path:
    """The house as it stands, in a folder of its own."""
    for path in files():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, into / path)
    return into


def failures(house: Path, tests: Sequence[str]) -> tuple[int, int]:
    """How many of the tests fail, and how many cannot begin; the first to fail is the last to run."""
    command = [sys.executable, "-P", "-m", "pytest", "-n0", "-x", "-q", "-p", "no:cacheprovider", *tests]
    quiet = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(command, cwd=house, capture_output=True, text=True, timeout=LONGEST, check=False, env=quiet)
    except subprocess.TimeoutExpired:
        return 1, 0
    (house / TOLD).write_text(ran.stdout)
    told = ran.stdout.rstrip().rpartition("\n")[2]
    failed, unbegun = (sum(map(int, re.findall(rf"(\d+) {word}", told))) for word in ("failed", "error"))
    return failed, unbegun if ran.returncode in (0, 1) else max(unbegun, 1)


@contextmanager
def mutated(house: Path, mutant: Mutant) -> Iterator[None]:
    """Take the defence out for as long as the block lasts."""
    file = house / mutant.file
    whole = file.read_text()
    file.write_text(mutant.born_in(house))
    try:
        yield
    finally:
        file.write_text(whole)


def judged(house: Path, mutant: Mutant) -> str:
    """What became of it."""
    with mutated(house, mutant):
        failed, unbegun = failures(house, mutant.tests)
    if failed:
        return FOUND
    if unbegun:
        return UNBORN
    return SPARED if mutant.spared else SURVIVED


def chosen(words: Sequence[str]) -> dict[str, list[Mutant]]:
    """The mutants that are asked for, by list."""
    return {name: [one for one in every if not words or any(word in f"{name}: {one.name}" for word in words)] for name, every in LISTS.items()}


def score(wanted: dict[str, list[Mutant]], scratch: Path) -> Counter[tuple[str, str]]:
    """Judge them all, a few at a time, each hand in a copy of its own."""
    houses: SimpleQueue[Path] = SimpleQueue()
    for hand in range(HANDS):
        houses.put(copied(scratch / str(hand)))
    fates: Counter[tuple[str, str]] = Counter()

    def judge(name: str, mutant: Mutant) -> None:
        began, house = clock.monotonic(), houses.get()
        fate = judged(house, mutant)
        houses.put(house)
        fates[name, fate] += 1
        sys.stdout.write(f"{fate:<8} {name}: {mutant.name} ({clock.monotonic() - began:.0f} s){' - ' + mutant.spared if fate == SPARED else ''}\n")
        sys.stdout.flush()

    with ThreadPoolExecutor(HANDS) as hands:
        for done in [hands.submit(judge, name, mutant) for name, mutants in wanted.items() for mutant in mutants]:
            done.result()
    return fates


def main() -> None:
    """All of them, or those that are named."""
    wanted = chosen(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="sayso-mutants-") as scratch:
        tests = sorted({test for mutants in wanted.values() for one in mutants for test in one.tests})
        whole = copied(Path(scratch) / "whole")
        if failures(whole, tests) != (0, 0):
            sys.exit(f"{(whole / TOLD).read_text()[-2000:]}\nmutants: the tests fail on the house as it stands: mend that first")
        fates = score(wanted, Path(scratch))
    for name, mutants in wanted.items():
        sys.stdout.write(f"{name}: {fates[name, FOUND]} of {len(mutants)} found, {fates[name, SPARED]} spared\n")
    if any(fates[name, fate] for name in wanted for fate in (SURVIVED, UNBORN)):
        sys.exit("mutants: a survivor is a missing test")


if __name__ == "__main__":
    main()
