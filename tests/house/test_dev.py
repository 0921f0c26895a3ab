"""What ./dev promises of its own, tried with stand-ins for what it calls."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.house.tree import ROOT

DEV = (ROOT / "dev").read_text()
HALF_TRIED = """def greet(loud):
    words = "hello"
    if loud:
        words = "HELLO"
    return words
"""
WHEEL = """
set -eu
say() { echo "$*" >&2; }
git() { case $1 in archive) tar -cf - --files-from /dev/null ;; *) echo 1 ;; esac; }
"""
HATCH = """#!/bin/sh
for into; do :; done
echo made >"$into/sayso-0.2.0-py3-none-any.whl"
"""


def test_a_second_release_leaves_one_wheel_for_the_image(tmp_path: Path) -> None:
    (tmp_path / "dist" / "docs").mkdir(parents=True)
    for name in ("sayso-0.1.0-py3-none-any.whl", "sayso.cdx.json"):
        (tmp_path / "dist" / name).write_text("before")
    (tmp_path / "python").write_text(HATCH)
    (tmp_path / "python").chmod(0o755)
    (function,) = re.findall(r"^wheel\(\) \{\n.*?^\}\n", DEV, re.MULTILINE | re.DOTALL)
    script = f"{WHEEL}root=$PWD venv_python=python\n{function}wheel"
    subprocess.run(["/bin/sh", "-c", script], cwd=tmp_path, check=True, capture_output=True)
    assert sorted(path.name for path in (tmp_path / "dist").iterdir()) == ["docs", "sayso-0.2.0-py3-none-any.whl", "sayso.cdx.json"]


def test_coverage_says_which_lines_and_branches_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "greeting.py").write_text(HALF_TRIED)
    (tmp_path / "test_greeting.py").write_text("from greeting import greet\n\ndef test_greet():\n    assert greet(False)\n")
    (tmp_path / ".coveragerc").write_text("[run]\nbranch = true\n")
    (options,) = re.findall(r"coverage\) .* -m pytest (.*) \"\$@\" ;;", DEV)
    tried = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *shlex.split(options)], check=False, cwd=tmp_path, capture_output=True, text=True
    )
    assert re.search(r"^greeting\.py .* 4$", tried.stdout, re.MULTILINE), tried.stdout
    assert "test_greeting.py  " not in tried.stdout, "what is covered whole"
